// A network as the kernels see it: convolutions, transposed or not, and numbers that are only laid out
// anew. A dense layer is a 1 × 1 convolution of a 1 × 1 picture.
import {
  type ConvLayer,
  type DeconvLayer,
  type LayerShapes,
  type Network,
  networkShapes,
  type ParameterShape,
} from '../../core/network.ts';
import type { ConvolutionShape } from '../wasm/convolution-plan.ts';

/** Height, width, channels; a flat array is a 1 × 1 picture. */
export type Extent = readonly [height: number, width: number, channels: number];

export interface ConvolutionPass {
  readonly kind: 'convolution';
  /** Transposed: `shape` describes the convolution that maps this layer's output onto its input. */
  readonly transposed: boolean;
  readonly shape: ConvolutionShape;
  readonly relu: boolean;
  readonly kernel: ParameterShape;
  readonly bias: ParameterShape;
}
export interface RearrangingPass {
  readonly kind: 'rearranging';
}

/** What lies between two layers. */
export interface Boundary {
  readonly extent: Extent;
  /** Whether it was rectified, perhaps before it was rearranged: its gradient is zero where it is. */
  readonly rectified: boolean;
}

export interface Pass {
  readonly layers: readonly (ConvolutionPass | RearrangingPass)[];
  /** One more than layers: boundaries[i] goes into layers[i]. */
  readonly boundaries: readonly Boundary[];
  /** Index of the boundary that is the embedding. */
  readonly embedding: number;
}

export function passOf(network: Network): Pass {
  const layers: (ConvolutionPass | RearrangingPass)[] = [];
  const boundaries: Boundary[] = [{ extent: network.input, rectified: false }];
  let embedding = 0;
  const rearrange = (extent: Extent) => {
    layers.push({ kind: 'rearranging' });
    boundaries.push({ extent, rectified: boundaries.at(-1)!.rectified });
  };
  for (const shapes of networkShapes(network)) {
    const { layer } = shapes;
    const output = extentOf(shapes.output);
    if (layer.kind === 'flatten') rearrange(output);
    else if (layer.kind === 'reshape') {
      // From picture to picture by way of a flat array, so that one of the two has no halo.
      if (shapes.input.length > 1) rearrange([1, 1, size(output)]);
      rearrange(output);
    } else {
      const [kernel, bias] = shapes.parameters;
      const relu = layer.activation === 'relu';
      const transposed = layer.kind === 'deconv';
      layers.push({ kind: 'convolution', transposed, shape: convolutionOf(shapes), relu, kernel, bias });
      boundaries.push({ extent: output, rectified: relu });
    }
    if (shapes.half === 'encoder') embedding = layers.length;
  }
  return { layers, boundaries, embedding };
}

export function size([height, width, channels]: Extent): number {
  return height * width * channels;
}

function extentOf(shape: readonly number[]): Extent {
  return shape.length === 1 ? [1, 1, shape[0]] : (shape as unknown as Extent);
}

function convolutionOf({ layer, input, output }: LayerShapes): ConvolutionShape {
  if (layer.kind === 'dense') return between([1, 1, input[0]], [1, 1, layer.units], POINTWISE);
  const { kind } = layer as ConvLayer | DeconvLayer;
  const [large, small] = kind === 'conv' ? [input, output] : [output, input];
  return between(large as unknown as Extent, small as unknown as Extent, layer as ConvLayer | DeconvLayer);
}

const POINTWISE = { kernel: 1, stride: 1, padding: 'valid' } as const;

function between(
  large: Extent,
  small: Extent,
  { kernel, stride, padding }: Pick<ConvLayer, 'kernel' | 'stride' | 'padding'>,
): ConvolutionShape {
  // TensorFlow's 'same': what is missing is shared, the odd row and column go to the end.
  const padBefore = (inSize: number, outSize: number) =>
    padding === 'valid' ? 0 : Math.floor(Math.max(0, (outSize - 1) * stride + kernel - inSize) / 2);
  return {
    inHeight: large[0],
    inWidth: large[1],
    inChannels: large[2],
    outHeight: small[0],
    outWidth: small[1],
    outChannels: small[2],
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: padBefore(large[0], small[0]),
    padLeft: padBefore(large[1], small[1]),
  };
}

// The network computed the slow and obvious way, in float64, straight from the definitions: what every
// engine is compared with. It shares no code with any of them but the shapes.
import {
  type Layer,
  type LayerShapes,
  type Network,
  networkShapes,
  type Weights,
} from '../../../src/core/network.ts';

export interface ReferenceConvolution {
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly pad: readonly [number, number];
}
type Shape3 = readonly [number, number, number];
type Shape4 = readonly [number, number, number, number];

/** Calls `visit` for every product of a convolution of x [h, w, in] with filter [kh, kw, in, out] to y [oh, ow, out]. */
export function eachProduct(
  shapes: { x: Shape3; filter: Shape4; y: Shape3 },
  { stride, dilation, pad }: ReferenceConvolution,
  visit: (x: number, filter: number, y: number) => void,
): void {
  const [height, width, inputs] = shapes.x;
  const [kernelHeight, kernelWidth, , outputs] = shapes.filter;
  const [outHeight, outWidth] = shapes.y;
  for (let row = 0; row < outHeight; row++)
    for (let column = 0; column < outWidth; column++)
      for (let ky = 0; ky < kernelHeight; ky++)
        for (let kx = 0; kx < kernelWidth; kx++) {
          const y = row * stride[0] + ky * dilation[0] - pad[0];
          const x = column * stride[1] + kx * dilation[1] - pad[1];
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          for (let input = 0; input < inputs; input++)
            for (let output = 0; output < outputs; output++) {
              visit(
                (y * width + x) * inputs + input,
                ((ky * kernelWidth + kx) * inputs + input) * outputs + output,
                (row * outWidth + column) * outputs + output,
              );
            }
        }
}

/** TensorFlow's padding before the first pixel. */
export function padBefore(size: number, kernel: number, stride: number, padding: 'same' | 'valid'): number {
  if (padding === 'valid') return 0;
  return Math.floor(Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size) / 2);
}

type Values = Float64Array<ArrayBufferLike>;
type Parameters = ReadonlyMap<string, Values>;

export function toFloat64(weights: Weights): Map<string, Values> {
  return new Map([...weights].map(([name, values]) => [name, Float64Array.from(values)]));
}

/** Output of every layer for one image, the image first. */
export function referenceForward(network: Network, weights: Parameters, image: Values): Values[] {
  const values = [image];
  for (const shapes of networkShapes(network)) values.push(layerForward(shapes, weights, values.at(-1)!));
  return values;
}

export interface ReferenceGradients {
  readonly parameters: Map<string, Values>;
  /** Mean squared error over pixels and images. */
  readonly error: number;
  readonly embeddings: Values[];
}

/** Gradients of weight · mean squared error + Σ dz·z, where `embeddingGradient` gives dz of an image. */
export function referenceGradients(
  network: Network,
  weights: Parameters,
  images: readonly Values[],
  loss: { reconstructionWeight: number; embeddingGradient?: (image: number) => Values },
): ReferenceGradients {
  const layers = networkShapes(network);
  const parameters = new Map([...weights].map(([name, values]) => [name, new Float64Array(values.length)]));
  const scale = 1 / (images.length * images[0].length);
  const embeddings: Values[] = [];
  let error = 0;
  images.forEach((image, index) => {
    const values = referenceForward(network, weights, image);
    embeddings.push(values[network.encoder.length]);
    let dy: Values = new Float64Array(values.at(-1)!.length);
    if (loss.reconstructionWeight !== 0) {
      dy = values.at(-1)!.map((value, pixel) => {
        error += (value - image[pixel]) ** 2 * scale;
        return 2 * loss.reconstructionWeight * scale * (value - image[pixel]);
      });
    }
    for (let layer = layers.length - 1; layer >= 0; layer--) {
      if (layer === network.encoder.length - 1 && loss.embeddingGradient) {
        const outside = loss.embeddingGradient(index);
        dy = dy.map((value, unit) => value + outside[unit]);
      }
      dy = layerBackward(layers[layer], weights, { x: values[layer], y: values[layer + 1], dy }, parameters);
    }
  });
  return { parameters, error, embeddings };
}

function nameOf(shapes: LayerShapes, role: string): string {
  return `${shapes.half}.${shapes.index}.${role}`;
}

function convolutionOf(layer: Extract<Layer, { kind: 'conv' | 'deconv' }>, big: Shape3, small: Shape3) {
  const before = (size: number) => padBefore(size, layer.kernel, layer.stride, layer.padding);
  return {
    shapes: { x: big, filter: [layer.kernel, layer.kernel, big[2], small[2]] as const, y: small },
    convolution: {
      stride: [layer.stride, layer.stride] as const,
      dilation: [1, 1] as const,
      pad: [before(big[0]), before(big[1])] as const,
    },
  };
}

function layerForward(shapes: LayerShapes, weights: Parameters, x: Values): Values {
  const { layer } = shapes;
  if (layer.kind === 'flatten' || layer.kind === 'reshape') return x;
  const size = shapes.output.reduce((product, length) => product * length, 1);
  const kernel = weights.get(nameOf(shapes, 'kernel'))!;
  const bias = weights.get(nameOf(shapes, 'bias'))!;
  const y = new Float64Array(size).map((_, index) => bias[index % bias.length]);
  if (layer.kind === 'dense') {
    x.forEach((value, input) => {
      for (let unit = 0; unit < size; unit++) y[unit] += value * kernel[input * size + unit];
    });
  } else if (layer.kind === 'conv') {
    const { shapes: c, convolution } = convolutionOf(layer, shapes.input as never, shapes.output as never);
    eachProduct(c, convolution, (a, f, b) => {
      y[b] += x[a] * kernel[f];
    });
  } else {
    const { shapes: c, convolution } = convolutionOf(layer, shapes.output as never, shapes.input as never);
    eachProduct(c, convolution, (a, f, b) => {
      y[a] += x[b] * kernel[f];
    });
  }
  return layer.activation === 'relu' ? y.map((value) => Math.max(0, value)) : y;
}

function layerBackward(
  shapes: LayerShapes,
  weights: Parameters,
  pass: { x: Values; y: Values; dy: Values },
  gradients: Map<string, Values>,
): Values {
  const { layer } = shapes;
  if (layer.kind === 'flatten' || layer.kind === 'reshape') return pass.dy;
  const dy = layer.activation === 'relu' ? pass.dy.map((value, i) => (pass.y[i] > 0 ? value : 0)) : pass.dy;
  const { x } = pass;
  const dx = new Float64Array(x.length);
  const kernel = weights.get(nameOf(shapes, 'kernel'))!;
  const dKernel = gradients.get(nameOf(shapes, 'kernel'))!;
  const dBias = gradients.get(nameOf(shapes, 'bias'))!;
  dy.forEach((value, index) => {
    dBias[index % dBias.length] += value;
  });
  if (layer.kind === 'dense') {
    for (let input = 0; input < x.length; input++)
      for (let unit = 0; unit < dy.length; unit++) {
        dKernel[input * dy.length + unit] += x[input] * dy[unit];
        dx[input] += kernel[input * dy.length + unit] * dy[unit];
      }
  } else if (layer.kind === 'conv') {
    const { shapes: c, convolution } = convolutionOf(layer, shapes.input as never, shapes.output as never);
    eachProduct(c, convolution, (a, f, b) => {
      dKernel[f] += x[a] * dy[b];
      dx[a] += kernel[f] * dy[b];
    });
  } else {
    const { shapes: c, convolution } = convolutionOf(layer, shapes.output as never, shapes.input as never);
    eachProduct(c, convolution, (a, f, b) => {
      dKernel[f] += dy[a] * x[b];
      dx[b] += kernel[f] * dy[a];
    });
  }
  return dx;
}

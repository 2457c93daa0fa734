import { fail } from '../../core/failure.ts';
import {
  type Activation,
  type ConvLayer,
  convOutputLength,
  type Layer,
  type Network,
  NetworkShapeError,
  networkShapes,
  type Padding,
} from '../../core/network.ts';

/** One entry of `filters`, `kernels`, `strides` and `paddings` for every convolution, from the image inwards. */
export interface CaeParameters {
  /** Height and width of an image, pixels. */
  readonly inputSize: readonly [number, number];
  /** Default 1. */
  readonly channels?: number;
  readonly filters: readonly number[];
  /** Sides of the square kernels, pixels. */
  readonly kernels: readonly number[];
  readonly strides: readonly number[];
  /** Default: 'same' everywhere. The published DCEC makes the third 'valid' where 8 does not divide the size. */
  readonly paddings?: readonly Padding[];
  /** Of all layers but the embedding and the output, which is linear. Default 'relu'. */
  readonly activation?: Activation;
  readonly embeddingDim: number;
  /** Default 'linear'; the study used 'relu', whose units die easily where there are few. */
  readonly embeddingActivation?: Activation;
}

/** The study's network (Table 3.2): 48,548 parameters at three dimensions. */
export const STUDY_NETWORK: Omit<CaeParameters, 'embeddingDim'> = {
  inputSize: [128, 128],
  filters: [16, 32, 32],
  kernels: [5, 5, 3],
  strides: [4, 4, 2],
};

/**
 * A convolutional autoencoder: convolutions, a dense embedding, and a decoder that mirrors them. Each
 * transposed convolution names the size that comes out, so any image size works.
 * @throws ExpectedFailure bad-parameter where lists differ in length, a number is not a positive
 * integer, or a convolution leaves nothing of its input.
 */
export function caeNetwork(parameters: CaeParameters): Network {
  checkParameters(parameters);
  const { inputSize, channels = 1, activation = 'relu', embeddingActivation = 'linear' } = parameters;
  const convolutions = parameters.filters.map(
    (filters, index): ConvLayer => ({
      kind: 'conv',
      filters,
      kernel: parameters.kernels[index],
      stride: parameters.strides[index],
      padding: parameters.paddings?.[index] ?? 'same',
      activation,
    }),
  );
  const input: Shape = [...inputSize, channels];
  const shapes = shapesThrough(convolutions, input);
  const innermost = shapes[shapes.length - 1];
  const network: Network = {
    input,
    encoder: [
      ...convolutions,
      { kind: 'flatten' },
      { kind: 'dense', units: parameters.embeddingDim, activation: embeddingActivation },
    ],
    decoder: [
      { kind: 'dense', units: innermost[0] * innermost[1] * innermost[2], activation },
      { kind: 'reshape', shape: innermost },
      ...mirrored(convolutions, shapes),
    ],
  };
  checkShapes(network);
  return network;
}

/** The encoder alone: what DEC trains. */
export function encoderOf(network: Network): Network {
  return { ...network, decoder: [] };
}

type Shape = readonly [number, number, number];

/** The image's shape, then what comes out of each convolution. */
function shapesThrough(convolutions: readonly ConvLayer[], input: Shape): Shape[] {
  const shapes = [input];
  for (const { filters, kernel, stride, padding } of convolutions) {
    const [height, width] = shapes[shapes.length - 1];
    const along = (size: number) => Math.max(0, convOutputLength(size, kernel, stride, padding));
    shapes.push([along(height), along(width), filters]);
  }
  return shapes;
}

/** The transposes of the convolutions, innermost first; the last one is linear: it makes pixels. */
function mirrored(convolutions: readonly ConvLayer[], shapes: readonly Shape[]): Layer[] {
  return convolutions
    .map((convolution, index): Layer => {
      const [height, width, channels] = shapes[index];
      return {
        ...convolution,
        kind: 'deconv',
        filters: channels,
        activation: index === 0 ? 'linear' : convolution.activation,
        output: [height, width],
      };
    })
    .reverse();
}

function checkParameters(parameters: CaeParameters): void {
  const { filters, inputSize, channels = 1, embeddingDim } = parameters;
  if (filters.length === 0) fail('bad-parameter', 'filters: expected at least one convolution, and got none');
  for (const list of ['kernels', 'strides', 'paddings'] as const) {
    const given = parameters[list];
    if (given && given.length !== filters.length) {
      fail(
        'bad-parameter',
        `${list}: expected as many entries as filters has, ${filters.length}, and got ${given.length}`,
      );
    }
  }
  const counts = { inputSize, channels: [channels], embeddingDim: [embeddingDim], filters };
  for (const [name, values] of Object.entries({
    ...counts,
    kernels: parameters.kernels,
    strides: parameters.strides,
  })) {
    const wrong = values.find((value) => !Number.isInteger(value) || value < 1);
    if (wrong !== undefined) fail('bad-parameter', `${name}: expected positive integers, and got ${wrong}`);
  }
}

function checkShapes(network: Network): void {
  try {
    networkShapes(network);
  } catch (error) {
    if (!(error instanceof NetworkShapeError)) throw error;
    fail('bad-parameter', `the network does not fit images of ${network.input.join('×')}: ${error.message}`);
  }
}

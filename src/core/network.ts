/** A network is data: layers with their shapes, written in a pipeline file, computed by an engine. */
export type Activation = 'linear' | 'relu';
export type Padding = 'same' | 'valid';

export interface ConvLayer {
  readonly kind: 'conv';
  readonly filters: number;
  /** Side of the square kernel, pixels. */
  readonly kernel: number;
  readonly stride: number;
  /** 'same' as TensorFlow pads: the odd row and column go to the end. */
  readonly padding: Padding;
  readonly activation: Activation;
}
/** The transpose of the convolution that maps `output` onto this layer's input. */
export interface DeconvLayer {
  readonly kind: 'deconv';
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly activation: Activation;
  /** Height and width that come out: a stride alone does not decide them. */
  readonly output: readonly [number, number];
}
export interface DenseLayer {
  readonly kind: 'dense';
  readonly units: number;
  readonly activation: Activation;
}
/** Row-major: height, width, channel. */
export interface FlattenLayer {
  readonly kind: 'flatten';
}
export interface ReshapeLayer {
  readonly kind: 'reshape';
  /** Height, width, channels. */
  readonly shape: readonly [number, number, number];
}
export type Layer = ConvLayer | DeconvLayer | DenseLayer | FlattenLayer | ReshapeLayer;

/** An autoencoder, or with an empty `decoder` an encoder alone. The embedding is the encoder's output. */
export interface Network {
  /** Height, width, channels of one image. */
  readonly input: readonly [number, number, number];
  readonly encoder: readonly Layer[];
  readonly decoder: readonly Layer[];
}

/** One trainable array of a layer. */
export interface ParameterShape {
  /** `encoder.0.kernel`, `decoder.3.bias`: the half, the layer's index in it, the role. */
  readonly name: string;
  readonly role: 'kernel' | 'bias';
  /**
   * conv kernel [kernel, kernel, in, out]; deconv kernel [kernel, kernel, out, in] (TensorFlow's
   * order, the forward convolution's filter); dense kernel [in, out]; bias [out].
   */
  readonly shape: readonly number[];
  /** For Glorot: the fans as TensorFlow counts them (receptive field × channels). */
  readonly fanIn: number;
  readonly fanOut: number;
}
export interface LayerShapes {
  readonly layer: Layer;
  readonly half: 'encoder' | 'decoder';
  readonly index: number;
  /** [height, width, channels], or [units] after a flatten or dense layer. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly parameters: readonly ParameterShape[];
}

/** Named parameter arrays, float32, row-major, in the order of `networkShapes`. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** A network whose layers do not fit together: which layer, and why. */
export class NetworkShapeError extends Error {}

/** Shapes and parameters of every layer. @throws NetworkShapeError where layers do not fit together. */
export function networkShapes(network: Network): LayerShapes[] {
  const result: LayerShapes[] = [];
  let shape: readonly number[] = network.input;
  for (const half of ['encoder', 'decoder'] as const) {
    network[half].forEach((layer, index) => {
      const where = `${half}.${index}`;
      const output = outputShape(layer, shape, where);
      result.push({
        layer,
        half,
        index,
        input: shape,
        output,
        parameters: parametersOf(layer, shape, where),
      });
      shape = output;
    });
    if (half === 'encoder' && shape.length !== 1) {
      throw new NetworkShapeError(`the encoder must end in a dense layer; its output is ${shape.join('×')}`);
    }
  }
  if (network.decoder.length > 0 && shape.join() !== network.input.join()) {
    throw new NetworkShapeError(
      `the decoder's output is ${shape.join('×')}, the input is ${network.input.join('×')}: they must be equal`,
    );
  }
  return result;
}

/** Length of the embedding. */
export function embeddingSize(network: Network): number {
  return networkShapes({ ...network, decoder: [] }).at(-1)!.output[0];
}

export function parameterCount(network: Network): number {
  return networkShapes(network)
    .flatMap((layer) => layer.parameters)
    .reduce((sum, parameter) => sum + parameter.shape.reduce((product, size) => product * size, 1), 0);
}

/** Output length of a convolution along one axis, as TensorFlow computes it. */
export function convOutputLength(input: number, kernel: number, stride: number, padding: Padding): number {
  return padding === 'same' ? Math.ceil(input / stride) : Math.ceil((input - kernel + 1) / stride);
}

function outputShape(layer: Layer, input: readonly number[], where: string): readonly number[] {
  switch (layer.kind) {
    case 'conv': {
      const [height, width] = spatial(input, where);
      const along = (size: number) => convOutputLength(size, layer.kernel, layer.stride, layer.padding);
      const output = [along(height), along(width), layer.filters];
      if (output[0] < 1 || output[1] < 1) {
        throw new NetworkShapeError(
          `${where}: a ${layer.kernel}×${layer.kernel} kernel with padding '${layer.padding}' leaves nothing of ${height}×${width}`,
        );
      }
      return output;
    }
    case 'deconv': {
      const [height, width] = spatial(input, where);
      const along = (size: number) => convOutputLength(size, layer.kernel, layer.stride, layer.padding);
      if (along(layer.output[0]) !== height || along(layer.output[1]) !== width) {
        throw new NetworkShapeError(
          `${where}: output ${layer.output.join('×')} at stride ${layer.stride} needs an input of ` +
            `${along(layer.output[0])}×${along(layer.output[1])}, and gets ${height}×${width}`,
        );
      }
      return [layer.output[0], layer.output[1], layer.filters];
    }
    case 'dense':
      if (input.length !== 1)
        throw new NetworkShapeError(`${where}: a dense layer needs a flatten before it`);
      return [layer.units];
    case 'flatten':
      return [input.reduce((product, size) => product * size, 1)];
    case 'reshape': {
      const size = input.reduce((product, length) => product * length, 1);
      if (layer.shape.reduce((product, length) => product * length, 1) !== size) {
        throw new NetworkShapeError(`${where}: ${size} values do not make ${layer.shape.join('×')}`);
      }
      return layer.shape;
    }
  }
}

function spatial(shape: readonly number[], where: string): readonly [number, number, number] {
  if (shape.length !== 3) throw new NetworkShapeError(`${where}: a convolution needs height×width×channels`);
  return shape as readonly [number, number, number];
}

function parametersOf(layer: Layer, input: readonly number[], where: string): ParameterShape[] {
  switch (layer.kind) {
    case 'conv':
    case 'deconv': {
      const channels = input[2];
      const area = layer.kernel * layer.kernel;
      const forward = layer.kind === 'conv';
      const shape = forward
        ? [layer.kernel, layer.kernel, channels, layer.filters]
        : [layer.kernel, layer.kernel, layer.filters, channels];
      return [
        // Keras counts the fans from the last two axes as they stand, also for a transposed convolution.
        { name: `${where}.kernel`, role: 'kernel', shape, fanIn: area * shape[2], fanOut: area * shape[3] },
        { name: `${where}.bias`, role: 'bias', shape: [layer.filters], fanIn: 1, fanOut: 1 },
      ];
    }
    case 'dense':
      return [
        {
          name: `${where}.kernel`,
          role: 'kernel',
          shape: [input[0], layer.units],
          fanIn: input[0],
          fanOut: layer.units,
        },
        { name: `${where}.bias`, role: 'bias', shape: [layer.units], fanIn: 1, fanOut: 1 },
      ];
    default:
      return [];
  }
}

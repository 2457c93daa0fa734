// A trainable in tfjs's own ops, on whatever backend is set.
import * as tf from '@tensorflow/tfjs-core';
import {
  type LayerShapes,
  type Network,
  networkShapes,
  type ParameterShape,
  type Weights,
} from '../core/network.ts';
import type {
  AdamSettings,
  Batch,
  FurtherParameter,
  GradientRequest,
  Trainable,
  TrainableState,
} from '../core/trainable.ts';
import { FurtherMoments, type Moments, stepLength } from './adam.ts';
import { copyImages, countImages, imageFloats } from './batches.ts';
import { checkWeights, joinState, splitMoments } from './parameters.ts';
import { layerBackward, layerForward } from './tfjs-layers.ts';

/** Images computed at once where nothing is trained: bounds the memory of activations. */
const CHUNK_IMAGES = 64;

interface OwnParameter {
  readonly shape: ParameterShape;
  value: tf.Tensor;
  first: tf.Tensor;
  second: tf.Tensor;
  gradient: tf.Tensor | null;
}

interface BoundLayer {
  readonly shapes: LayerShapes;
  readonly parameters: readonly OwnParameter[];
}

export class TfjsTrainable implements Trainable {
  private readonly encoder: readonly BoundLayer[];
  private readonly decoder: readonly BoundLayer[];
  private readonly own: readonly OwnParameter[];
  private readonly further = new FurtherMoments();
  private readonly error = new RunningError();
  private step = 0;

  constructor(
    readonly network: Network,
    weights: Weights,
    private readonly adam: AdamSettings,
  ) {
    const layers = networkShapes(network).map((shapes) => ({
      shapes,
      parameters: shapes.parameters.map(
        (shape): OwnParameter => ({
          shape,
          value: tf.zeros([...shape.shape]),
          first: tf.zeros([...shape.shape]),
          second: tf.zeros([...shape.shape]),
          gradient: null,
        }),
      ),
    }));
    this.encoder = layers.filter(({ shapes }) => shapes.half === 'encoder');
    this.decoder = layers.filter(({ shapes }) => shapes.half === 'decoder');
    this.own = layers.flatMap(({ parameters }) => parameters);
    this.replaceWeights(weights);
  }

  async embed(batch: Batch): Promise<Float32Array> {
    return this.inChunks(batch, (x) => runForward(this.encoder, x).at(-1)!);
  }

  async reconstruct(batch: Batch): Promise<Float32Array> {
    this.needDecoder();
    return this.inChunks(batch, (x) => this.decode(x));
  }

  async reconstructionErrors(batch: Batch): Promise<Float64Array> {
    this.needDecoder();
    const errors = await this.inChunks(batch, (x) =>
      tf.mean(tf.reshape(tf.squaredDifference(this.decode(x), x), [x.shape[0], -1]), 1),
    );
    return Float64Array.from(errors);
  }

  async gradients(request: GradientRequest): Promise<void> {
    const { batch, reconstructionWeight, embeddingGradient } = request;
    const count = countImages(batch, this.network);
    if (reconstructionWeight !== 0) this.needDecoder();
    this.dropGradients();
    if (count === 0) return;
    const encoded = tf.tidy(() => runForward(this.encoder, this.upload(batch, { first: 0, count })));
    let halves: { encoderGradients: tf.Tensor[]; decoderGradients: tf.Tensor[] };
    try {
      const z = embeddingGradient && ((await encoded.at(-1)!.data()) as Float32Array);
      halves = this.backward(encoded, z ? embeddingGradient!(z) : null, { count, reconstructionWeight });
    } finally {
      tf.dispose(encoded);
    }
    keepGradients(this.encoder, halves.encoderGradients);
    keepGradients(this.decoder, halves.decoderGradients);
  }

  async readReconstructionError(): Promise<number> {
    const { sum, images } = await this.error.take();
    return sum / (images * imageFloats(this.network));
  }

  async readGradients(): Promise<Weights> {
    return this.readAll((parameter) => parameter.gradient);
  }

  async update(further: readonly FurtherParameter[] = []): Promise<void> {
    this.step++;
    const length = stepLength(this.adam, this.step);
    for (const parameter of this.own) {
      if (parameter.gradient) updateOnDevice(parameter, parameter.gradient, this.adam, length);
    }
    this.dropGradients();
    this.further.update(further, this.adam, length);
  }

  async weights(): Promise<Weights> {
    return this.readAll((parameter) => parameter.value);
  }

  async setWeights(weights: Weights): Promise<void> {
    this.replaceWeights(weights);
  }

  async state(): Promise<TrainableState> {
    const moments: [string, Moments][] = [];
    for (const { shape, first, second } of this.own) {
      moments.push([shape.name, { first: await read(first), second: await read(second) }]);
    }
    return joinState(this.step, await this.weights(), [...moments, ...this.further.entries()]);
  }

  async restore(state: TrainableState): Promise<void> {
    const { own, further } = splitMoments(
      this.own.map(({ shape }) => shape),
      state,
    );
    this.replaceWeights(state.weights);
    for (const parameter of this.own) {
      const { first, second } = own.get(parameter.shape.name)!;
      tf.dispose([parameter.first, parameter.second]);
      parameter.first = place(first, parameter.shape);
      parameter.second = place(second, parameter.shape);
    }
    this.further.restore(further);
    this.dropGradients();
    this.step = state.step;
  }

  dispose(): void {
    this.dropGradients();
    this.error.dispose();
    for (const { value, first, second } of this.own) tf.dispose([value, first, second]);
  }

  /** Gradients of both halves from the loss's own at the embedding, `outside`, and the reconstruction error. */
  private backward(
    encoded: readonly tf.Tensor[],
    outside: Float32Array | null,
    { count, reconstructionWeight }: { count: number; reconstructionWeight: number },
  ) {
    return tf.tidy(() => {
      const embedding = encoded.at(-1)!;
      let dz: tf.Tensor | null = outside ? tf.tensor(outside, embedding.shape) : null;
      let decoderGradients: tf.Tensor[] = [];
      if (reconstructionWeight !== 0) {
        const decoded = runForward(this.decoder, embedding);
        const difference = tf.sub(decoded.at(-1)!, encoded[0]);
        this.error.add(tf.sum(tf.square(difference)), count);
        const scale = (2 * reconstructionWeight) / (count * imageFloats(this.network));
        const back = runBackward(this.decoder, decoded, tf.mul(difference, scale), true);
        decoderGradients = back.parameters;
        dz = dz ? tf.add(dz, back.input!) : back.input!;
      }
      const encoderGradients = dz ? runBackward(this.encoder, encoded, dz, false).parameters : [];
      return { encoderGradients, decoderGradients };
    });
  }

  private replaceWeights(weights: Weights): void {
    checkWeights(
      this.own.map(({ shape }) => shape),
      weights,
    );
    for (const parameter of this.own) {
      parameter.value.dispose();
      parameter.value = place(weights.get(parameter.shape.name)!, parameter.shape);
    }
  }

  private decode(x: tf.Tensor): tf.Tensor {
    return runForward(this.decoder, runForward(this.encoder, x).at(-1)!).at(-1)!;
  }

  private needDecoder(): void {
    if (this.decoder.length === 0) throw new Error('the network has no decoder');
  }

  private upload(batch: Batch, span: { first: number; count: number }): tf.Tensor {
    const floats = imageFloats(this.network);
    const images = new Float32Array(span.count * floats);
    copyImages(batch, floats, span, images);
    return tf.tensor(images, [span.count, ...this.network.input]);
  }

  /** `compute` of every chunk of the batch, one after the other in one array. */
  private async inChunks(batch: Batch, compute: (x: tf.Tensor) => tf.Tensor): Promise<Float32Array> {
    const images = countImages(batch, this.network);
    let result = new Float32Array(0);
    for (let first = 0; first < images; first += CHUNK_IMAGES) {
      const count = Math.min(CHUNK_IMAGES, images - first);
      const part = tf.tidy(() => compute(this.upload(batch, { first, count })));
      const values = await read(part);
      part.dispose();
      if (first === 0) result = new Float32Array((values.length / count) * images);
      result.set(values, (values.length / count) * first);
    }
    return result;
  }

  private async readAll(choose: (parameter: OwnParameter) => tf.Tensor | null): Promise<Weights> {
    const result = new Map<string, Float32Array>();
    for (const parameter of this.own) {
      const tensor = choose(parameter);
      if (tensor) result.set(parameter.shape.name, await read(tensor));
    }
    return result;
  }

  private dropGradients(): void {
    for (const parameter of this.own) {
      parameter.gradient?.dispose();
      parameter.gradient = null;
    }
  }
}

/** Sum of squared errors on the device, compensated (Kahan), so that an epoch's sum is good to float32. */
class RunningError {
  private sum: tf.Tensor | null = null;
  private lost: tf.Tensor | null = null;
  private images = 0;

  /** Call inside `tidy`. */
  add(value: tf.Tensor, images: number): void {
    this.images += images;
    if (!this.sum || !this.lost) {
      this.sum = tf.keep(value);
      this.lost = tf.keep(tf.scalar(0));
      return;
    }
    const corrected = tf.sub(value, this.lost);
    const sum = tf.add(this.sum, corrected);
    const lost = tf.sub(tf.sub(sum, this.sum), corrected);
    tf.dispose([this.sum, this.lost]);
    this.sum = tf.keep(sum);
    this.lost = tf.keep(lost);
  }

  /** The sum and its number of images, and starts anew; NaN if there was none. */
  async take(): Promise<{ sum: number; images: number }> {
    const sum = this.sum ? (await this.sum.data())[0] : Number.NaN;
    const { images } = this;
    this.dispose();
    return { sum, images };
  }

  dispose(): void {
    this.sum?.dispose();
    this.lost?.dispose();
    this.sum = null;
    this.lost = null;
    this.images = 0;
  }
}

/** The input and every layer's output. */
function runForward(layers: readonly BoundLayer[], input: tf.Tensor): tf.Tensor[] {
  const values = [input];
  for (const { shapes, parameters } of layers) {
    values.push(
      layerForward(
        shapes,
        values.at(-1)!,
        parameters.map(({ value }) => value),
      ),
    );
  }
  return values;
}

/** Gradients of all parameters in the layers' order, and at the input where `wantInput`. */
function runBackward(
  layers: readonly BoundLayer[],
  values: readonly tf.Tensor[],
  atOutput: tf.Tensor,
  wantInput: boolean,
) {
  let dy: tf.Tensor | null = atOutput;
  const parameters: tf.Tensor[] = [];
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index];
    const gradients = layerBackward(layer.shapes, {
      x: values[index],
      y: values[index + 1],
      parameters: layer.parameters.map(({ value }) => value),
      dy: dy!,
      wantInput: wantInput || index > 0,
    });
    parameters.unshift(...gradients.parameters);
    dy = gradients.input;
  }
  return { parameters, input: dy };
}

function keepGradients(layers: readonly BoundLayer[], gradients: readonly tf.Tensor[]): void {
  const parameters = layers.flatMap((layer) => layer.parameters);
  gradients.forEach((gradient, index) => {
    parameters[index].gradient = gradient;
  });
}

function updateOnDevice(parameter: OwnParameter, g: tf.Tensor, adam: AdamSettings, length: number): void {
  const [value, first, second] = tf.tidy(() => {
    const m = tf.add(tf.mul(parameter.first, adam.beta1), tf.mul(g, 1 - adam.beta1));
    const v = tf.add(tf.mul(parameter.second, adam.beta2), tf.mul(tf.square(g), 1 - adam.beta2));
    const change = tf.div(tf.mul(m, length), tf.add(tf.sqrt(v), adam.epsilon));
    return [tf.sub(parameter.value, change), m, v];
  });
  tf.dispose([parameter.value, parameter.first, parameter.second]);
  Object.assign(parameter, { value, first, second });
}

function place(values: Float32Array, shape: ParameterShape): tf.Tensor {
  return tf.tensor(values.slice(), [...shape.shape]);
}

async function read(tensor: tf.Tensor): Promise<Float32Array> {
  return (await tensor.data()).slice() as Float32Array;
}

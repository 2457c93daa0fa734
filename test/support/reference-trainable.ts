import {
  type ConvLayer,
  type DeconvLayer,
  type DenseLayer,
  type LayerShapes,
  type Network,
  networkShapes,
  type Weights,
} from '../../src/core/network.ts';
import {
  ADAM,
  type AdamSettings,
  type Batch,
  type FurtherParameter,
  type GradientRequest,
  type Trainable,
  type TrainableState,
} from '../../src/core/trainable.ts';

/**
 * An oracle for engines and training loops: naive loops in float64, one image at a time, parameters and
 * moments kept in float32 as engines keep them. Only for small networks.
 */
export function createReferenceTrainable(
  network: Network,
  { weights, adam = ADAM }: { weights: Weights; adam?: AdamSettings },
): Trainable {
  return new ReferenceTrainable(network, weights, adam);
}

class ReferenceTrainable implements Trainable {
  private readonly layers: readonly LayerShapes[];
  private readonly encoderLength: number;
  private values: Map<string, Float32Array>;
  private first = new Map<string, Float32Array>();
  private second = new Map<string, Float32Array>();
  private stepCount = 0;
  private waiting: Map<string, Float64Array> | null = null;
  private errorSum = 0;
  private errorCount = 0;

  constructor(
    readonly network: Network,
    weights: Weights,
    private readonly adam: AdamSettings,
  ) {
    this.layers = networkShapes(network);
    this.encoderLength = network.encoder.length;
    this.values = copyOf(weights);
  }

  async embed(batch: Batch): Promise<Float32Array> {
    return concatenate(this.imagesOf(batch).map((image) => this.forward(image, this.encoderLength).at(-1)!));
  }

  async reconstruct(batch: Batch): Promise<Float32Array> {
    this.needDecoder();
    return concatenate(this.imagesOf(batch).map((image) => this.forward(image, this.layers.length).at(-1)!));
  }

  async reconstructionErrors(batch: Batch): Promise<Float64Array> {
    this.needDecoder();
    return Float64Array.from(
      this.imagesOf(batch).map((image) => meanSquare(this.forward(image, this.layers.length).at(-1)!, image)),
    );
  }

  async gradients({ batch, reconstructionWeight, embeddingGradient }: GradientRequest): Promise<void> {
    const images = this.imagesOf(batch);
    const depth = reconstructionWeight > 0 ? this.layers.length : this.encoderLength;
    if (reconstructionWeight > 0) this.needDecoder();
    const passes = images.map((image) => this.forward(image, depth));
    const embeddings = concatenate(passes.map((pass) => pass[this.encoderLength]));
    const pull = embeddingGradient?.(embeddings);
    const size = embeddings.length / images.length;
    this.waiting = new Map([...this.values].map(([name, { length }]) => [name, new Float64Array(length)]));
    passes.forEach((pass, i) => {
      let gradient: Float64Array = new Float64Array(pass[depth].length);
      if (reconstructionWeight > 0) {
        this.errorSum += meanSquare(pass[depth], images[i]);
        this.errorCount += 1;
        const scale = (2 * reconstructionWeight) / (images.length * images[i].length);
        gradient = gradient.map((_, pixel) => scale * (pass[depth][pixel] - images[i][pixel]));
      }
      for (let layer = depth - 1; layer >= 0; layer--) {
        if (layer === this.encoderLength - 1 && pull) {
          gradient = gradient.map((value, unit) => value + pull[i * size + unit]);
        }
        gradient = this.backward(this.layers[layer], pass[layer], pass[layer + 1], gradient);
      }
    });
  }

  async readReconstructionError(): Promise<number> {
    const mean = this.errorSum / this.errorCount;
    this.errorSum = 0;
    this.errorCount = 0;
    return mean;
  }

  async readGradients(): Promise<Weights> {
    return new Map([...this.waiting!].map(([name, gradient]) => [name, Float32Array.from(gradient)]));
  }

  async update(further: readonly FurtherParameter[] = []): Promise<void> {
    this.stepCount += 1;
    for (const [name, gradient] of this.waiting!) this.adamStep(name, this.values.get(name)!, gradient);
    for (const { name, values, gradient } of further) this.adamStep(name, values, gradient);
    this.waiting = null;
  }

  async weights(): Promise<Weights> {
    return copyOf(this.values);
  }

  async setWeights(weights: Weights): Promise<void> {
    this.values = copyOf(weights);
  }

  async state(): Promise<TrainableState> {
    return {
      step: this.stepCount,
      weights: copyOf(this.values),
      firstMoments: copyOf(this.first),
      secondMoments: copyOf(this.second),
    };
  }

  async restore({ step, weights, firstMoments, secondMoments }: TrainableState): Promise<void> {
    this.stepCount = step;
    this.values = copyOf(weights);
    this.first = copyOf(firstMoments);
    this.second = copyOf(secondMoments);
  }

  dispose(): void {}

  private needDecoder(): void {
    if (this.network.decoder.length === 0) throw new Error('the network has no decoder');
  }

  private imagesOf({ images, rows }: Batch): Float32Array[] {
    const size = this.network.input.reduce((product, length) => product * length, 1);
    const chosen = rows ?? Uint32Array.from({ length: images.length / size }, (_, row) => row);
    return Array.from(chosen, (row) => images.subarray(row * size, (row + 1) * size));
  }

  /** What goes into each of the first `depth` layers, and what comes out of the last. */
  private forward(image: Float32Array, depth: number): Float64Array[] {
    const pass: Float64Array[] = [Float64Array.from(image)];
    for (const shapes of this.layers.slice(0, depth)) pass.push(this.layerForward(shapes, pass.at(-1)!));
    return pass;
  }

  private layerForward(shapes: LayerShapes, input: Float64Array): Float64Array {
    const { layer } = shapes;
    if (layer.kind === 'flatten' || layer.kind === 'reshape') return input;
    const [kernel, bias] = this.parametersOf(shapes);
    const output = new Float64Array(shapes.output.reduce((product, size) => product * size, 1));
    for (let i = 0; i < output.length; i++) output[i] = bias[i % bias.length];
    eachProduct(shapes, (from, to, weight) => {
      output[to] += input[from] * kernel[weight];
    });
    return layer.activation === 'relu' ? output.map((value) => Math.max(value, 0)) : output;
  }

  /** Adds to the waiting gradients of the layer's parameters. @returns the gradient at its input. */
  private backward(
    shapes: LayerShapes,
    input: Float64Array,
    output: Float64Array,
    outputGradient: Float64Array,
  ): Float64Array {
    const { layer } = shapes;
    if (layer.kind === 'flatten' || layer.kind === 'reshape') return outputGradient;
    const gradient =
      layer.activation === 'relu'
        ? outputGradient.map((value, i) => (output[i] > 0 ? value : 0))
        : outputGradient;
    const [kernel] = this.parametersOf(shapes);
    const [kernelGradient, biasGradient] = shapes.parameters.map(({ name }) => this.waiting!.get(name)!);
    const inputGradient = new Float64Array(input.length);
    for (let i = 0; i < gradient.length; i++) biasGradient[i % biasGradient.length] += gradient[i];
    eachProduct(shapes, (from, to, weight) => {
      inputGradient[from] += gradient[to] * kernel[weight];
      kernelGradient[weight] += gradient[to] * input[from];
    });
    return inputGradient;
  }

  private parametersOf({ parameters }: LayerShapes): Float32Array[] {
    return parameters.map(({ name }) => this.values.get(name)!);
  }

  /** Adam as Keras has it: ε is added outside the root, after the bias corrections went into the rate. */
  private adamStep(name: string, values: Float32Array, gradient: ArrayLike<number>): void {
    const { learningRate, beta1, beta2, epsilon } = this.adam;
    const first = this.first.get(name) ?? new Float32Array(values.length);
    const second = this.second.get(name) ?? new Float32Array(values.length);
    const rate = (learningRate * Math.sqrt(1 - beta2 ** this.stepCount)) / (1 - beta1 ** this.stepCount);
    for (let i = 0; i < values.length; i++) {
      first[i] += (1 - beta1) * (gradient[i] - first[i]);
      second[i] += (1 - beta2) * (gradient[i] * gradient[i] - second[i]);
      values[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + epsilon);
    }
    this.first.set(name, first);
    this.second.set(name, second);
  }
}

type VisitProduct = (input: number, output: number, weight: number) => void;

/** Visits every (input value, output value, weight) that a layer multiplies and adds up. */
function eachProduct(shapes: LayerShapes, visit: VisitProduct): void {
  const { layer, input, output } = shapes;
  if (layer.kind === 'dense') eachDenseProduct(layer, input[0], visit);
  else if (layer.kind === 'conv') {
    eachTap(layer, input, output, (big, small, a, b, weight) =>
      visit(big * input[2] + a, small * output[2] + b, weight),
    );
  } else if (layer.kind === 'deconv') {
    eachTap(layer, output, input, (big, small, a, b, weight) =>
      visit(small * input[2] + b, big * output[2] + a, weight),
    );
  }
}

function eachDenseProduct({ units }: DenseLayer, inputs: number, visit: VisitProduct): void {
  for (let from = 0; from < inputs; from++) {
    for (let to = 0; to < units; to++) visit(from, to, from * units + to);
  }
}

/**
 * The pairs of pixels that a convolution from `big` to `small` joins, with channels a of big and b of
 * small, and the index of the weight in [kernel, kernel, a, b]. 'same' as TensorFlow pads.
 */
function eachTap(
  { kernel, stride, padding }: ConvLayer | DeconvLayer,
  big: readonly number[],
  small: readonly number[],
  visit: (bigPixel: number, smallPixel: number, a: number, b: number, weight: number) => void,
): void {
  const before = (axis: number) =>
    padding === 'valid' ? 0 : Math.floor(Math.max((small[axis] - 1) * stride + kernel - big[axis], 0) / 2);
  const [top, left] = [before(0), before(1)];
  for (let y = 0; y < small[0]; y++) {
    for (let x = 0; x < small[1]; x++) {
      for (let tap = 0; tap < kernel * kernel; tap++) {
        const bigY = y * stride - top + Math.floor(tap / kernel);
        const bigX = x * stride - left + (tap % kernel);
        if (bigY < 0 || bigX < 0 || bigY >= big[0] || bigX >= big[1]) continue;
        for (let a = 0; a < big[2]; a++) {
          for (let b = 0; b < small[2]; b++) {
            visit(bigY * big[1] + bigX, y * small[1] + x, a, b, (tap * big[2] + a) * small[2] + b);
          }
        }
      }
    }
  }
}

function meanSquare(reconstruction: Float64Array, image: Float32Array): number {
  return reconstruction.reduce((sum, value, i) => sum + (value - image[i]) ** 2, 0) / image.length;
}

function concatenate(parts: readonly Float64Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}

function copyOf(arrays: Weights): Map<string, Float32Array> {
  return new Map([...arrays].map(([name, values]) => [name, values.slice()]));
}

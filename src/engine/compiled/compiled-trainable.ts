// A trainable whose whole step is one WebAssembly program on a memory of its own.
import { fail } from '../../core/failure.ts';
import type { Network, Weights } from '../../core/network.ts';
import type {
  AdamSettings,
  Batch,
  FurtherParameter,
  GradientRequest,
  Trainable,
  TrainableState,
} from '../../core/trainable.ts';
import { FurtherMoments, type Moments, stepLength } from '../adam.ts';
import { copyImages, countImages, imageFloats } from '../batches.ts';
import { checkWeights, joinState, splitMoments } from '../parameters.ts';
import {
  createMemory,
  growMemory,
  instantiateKernels,
  type WasmMemory,
  type WasmModule,
} from '../wasm/load-kernels.ts';
import type { Kernels, Placed } from '../wasm/operations.ts';
import { type CompiledNetwork, compileNetwork, type Program } from './compile-network.ts';
import { align } from './memory-plan.ts';
import { PARTIAL_SUMS, type PlacedParameter } from './place-parameters.ts';
import { GROUP } from './place-values.ts';

type Half = 'encoder' | 'decoder';

/** Samples first … first + count − 1 of a batch, at most GROUP of them. */
interface Span {
  readonly first: number;
  readonly count: number;
}

export class CompiledTrainable implements Trainable {
  private readonly compiled: CompiledNetwork;
  private readonly memory: WasmMemory;
  private readonly kernels: Kernels;
  private readonly batchAt: number;
  private readonly pixels: number;
  private readonly units: number;
  private readonly further = new FurtherMoments();
  private step = 0;
  /** Halves that have a gradient waiting. */
  private waiting: readonly Half[] = [];
  private error = { sum: 0, images: 0 };

  constructor(
    readonly network: Network,
    private readonly options: { weights: Weights; adam: AdamSettings; module: WasmModule },
  ) {
    const compiled = compileNetwork(network);
    this.compiled = compiled;
    this.batchAt = align(compiled.bytes);
    const bytes = this.batchAt + GROUP * compiled.values.sampleBytes;
    checkMemory(bytes, 'the network');
    this.memory = createMemory(bytes);
    this.kernels = instantiateKernels(options.module, this.memory);
    this.pixels = imageFloats(network);
    this.units = compiled.embeddingFloats;
    for (const { at, words } of compiled.contents)
      new Int32Array(this.memory.buffer, at, words.length).set(words);
    this.replaceWeights(options.weights);
  }

  async embed(batch: Batch): Promise<Float32Array> {
    const result = new Float32Array(countImages(batch, this.network) * this.units);
    this.inGroups(batch, (span) => {
      this.encode(batch, span, 0);
      for (let i = 0; i < span.count; i++) result.set(this.embeddingAt(i), (span.first + i) * this.units);
    });
    return result;
  }

  async reconstruct(batch: Batch): Promise<Float32Array> {
    this.needDecoder();
    const result = new Float32Array(countImages(batch, this.network) * this.pixels);
    const output = this.compiled.values.activations.at(-1)!;
    this.inGroups(batch, (span) => {
      this.encode(batch, span, 0);
      this.run(this.compiled.decode, span, 0);
      // The output is nobody's input, so it has no halo.
      result.set(this.floats(output.at, span.count * this.pixels), span.first * this.pixels);
    });
    return result;
  }

  async reconstructionErrors(batch: Batch): Promise<Float64Array> {
    this.needDecoder();
    const result = new Float64Array(countImages(batch, this.network));
    this.inGroups(batch, (span) => {
      this.encode(batch, span, 0);
      this.run(this.compiled.decode, span, 0);
      this.run(this.compiled.compare, span, 0);
      for (let i = 0; i < span.count; i++) result[span.first + i] = this.errorAt(i) / this.pixels;
    });
    return result;
  }

  async gradients(request: GradientRequest): Promise<void> {
    const { batch, reconstructionWeight, embeddingGradient } = request;
    const count = countImages(batch, this.network);
    const decodes = reconstructionWeight !== 0;
    if (decodes) this.needDecoder();
    this.waiting = [];
    if (count === 0 || !(decodes || embeddingGradient)) return;
    this.setFlags(decodes, embeddingGradient !== undefined);
    this.floats(this.compiled.scaleAt, 1)[0] = (2 * reconstructionWeight) / (count * this.pixels);
    const { sums, partialBytes } = this.compiled.parameters;
    this.kernels.clear(sums, partialBytes * PARTIAL_SUMS);
    // Without a loss that needs all embeddings at once, each group's places are used again by the next.
    if (embeddingGradient) this.embedAll(batch, count, embeddingGradient);
    for (let partial = 0; partial < PARTIAL_SUMS; partial++) {
      const end = partStart(partial + 1, count);
      for (let first = partStart(partial, count); first < end; first += GROUP) {
        const span = { first, count: Math.min(GROUP, end - first) };
        const slot = embeddingGradient ? first : 0;
        if (!embeddingGradient) this.encode(batch, span, 0);
        if (decodes) this.decodeBothWays(span, slot, partial);
        this.run(this.compiled.join, span, slot, partial);
        this.run(this.compiled.encodeBackward, span, slot, partial);
      }
    }
    this.waiting = decodes ? ['encoder', 'decoder'] : ['encoder'];
    this.reduce();
  }

  async readReconstructionError(): Promise<number> {
    const { sum, images } = this.error;
    this.error = { sum: 0, images: 0 };
    return sum / (images * this.pixels);
  }

  async readGradients(): Promise<Weights> {
    return this.readParameters(this.compiled.parameters.gradients, ({ half }) => this.waiting.includes(half));
  }

  async update(further: readonly FurtherParameter[] = []): Promise<void> {
    const { adam } = this.options;
    this.step++;
    const length = stepLength(adam, this.step);
    for (const half of this.waiting) this.updateHalf(half, length);
    this.waiting = [];
    this.further.update(further, adam, length);
  }

  async weights(): Promise<Weights> {
    return this.readParameters(this.compiled.parameters.weights);
  }

  async setWeights(weights: Weights): Promise<void> {
    this.replaceWeights(weights);
  }

  async state(): Promise<TrainableState> {
    const { first, second } = this.compiled.parameters;
    const firstMoments = this.readParameters(first);
    const secondMoments = this.readParameters(second);
    const own = [...firstMoments].map(([name, values]): [string, Moments] => [
      name,
      { first: values, second: secondMoments.get(name)! },
    ]);
    return joinState(this.step, await this.weights(), [...own, ...this.further.entries()]);
  }

  async restore(state: TrainableState): Promise<void> {
    const { own, further } = splitMoments(this.shapes(), state);
    this.replaceWeights(state.weights);
    const { first, second, parameters } = this.compiled.parameters;
    for (const parameter of parameters) {
      const moments = own.get(parameter.shape.name)!;
      this.parameterAt(first, parameter).set(moments.first);
      this.parameterAt(second, parameter).set(moments.second);
    }
    this.further.restore(further);
    this.waiting = [];
    this.step = state.step;
  }

  /** The memory goes with the last reference to this trainable. */
  dispose(): void {}

  /** Embeds the whole batch, asks for the loss's gradient there, and puts it where `join` finds it. */
  private embedAll(batch: Batch, count: number, embeddingGradient: (z: Float32Array) => Float32Array): void {
    const { sampleBytes, outer } = this.compiled.values;
    const bytes = this.batchAt + count * sampleBytes;
    checkMemory(bytes, `a batch of ${count} images`);
    growMemory(this.memory, bytes);
    this.inGroups(batch, (span) => this.encode(batch, span, span.first));
    const embeddings = new Float32Array(count * this.units);
    for (let i = 0; i < count; i++) embeddings.set(this.embeddingAt(i), i * this.units);
    const gradient = embeddingGradient(embeddings);
    if (gradient.length !== embeddings.length) {
      throw new RangeError(
        `the loss gave ${gradient.length} gradients for ${embeddings.length} embedded numbers`,
      );
    }
    for (let i = 0; i < count; i++) {
      this.floats(this.batchAt + i * sampleBytes + outer, this.units).set(
        gradient.subarray(i * this.units, (i + 1) * this.units),
      );
    }
  }

  private decodeBothWays(span: Span, slot: number, partial: number): void {
    this.run(this.compiled.decode, span, slot, partial);
    this.run(this.compiled.compare, span, slot, partial);
    for (let i = 0; i < span.count; i++) this.error.sum += this.errorAt(slot + i);
    this.error.images += span.count;
    this.run(this.compiled.decodeBackward, span, slot, partial);
  }

  /** Puts the images of a span into the places from `slot` on, and embeds them. */
  private encode(batch: Batch, span: Span, slot: number): void {
    copyImages(batch, this.pixels, span, this.floats(this.compiled.values.staging, span.count * this.pixels));
    this.run(this.compiled.encode, span, slot);
  }

  private run(program: Program, span: Span, slot: number, partial = 0): void {
    const wide = this.batchAt + slot * this.compiled.values.sampleBytes;
    this.kernels.run(
      program.at,
      program.end,
      wide,
      span.count,
      partial * this.compiled.parameters.partialBytes,
    );
  }

  /** The partial sums become gradients in the parameters' own order. */
  private reduce(): void {
    const { parameters, gradients, partialBytes } = this.compiled.parameters;
    for (const { half, sum, rows, columns, offset } of parameters) {
      if (!this.waiting.includes(half)) continue;
      this.kernels.reducePanels(sum, partialBytes, rows, columns, gradients + offset * 4);
    }
  }

  private updateHalf(half: Half, length: number): void {
    const { adam } = this.options;
    const { ranges, weights, gradients, first, second } = this.compiled.parameters;
    const { offset, count } = ranges[half];
    const at = offset * 4;
    this.kernels.adam(
      weights + at,
      gradients + at,
      first + at,
      second + at,
      count,
      adam.beta1,
      1 - adam.beta1,
      adam.beta2,
      1 - adam.beta2,
      length,
      adam.epsilon,
    );
    this.pack(half);
  }

  private pack(half: Half): void {
    for (const packing of this.compiled.packings) {
      if (packing.half !== half) continue;
      const { from, to, source } = packing;
      if ('table' in source) this.kernels.pick(from, source.table, source.count, to);
      else this.kernels.packPanels(from, source.columns * 4, 4, source.rows, source.columns, to);
    }
  }

  private replaceWeights(weights: Weights): void {
    checkWeights(this.shapes(), weights);
    const places = this.compiled.parameters;
    for (const parameter of places.parameters) {
      this.parameterAt(places.weights, parameter).set(weights.get(parameter.shape.name)!);
    }
    this.pack('encoder');
    this.pack('decoder');
  }

  private shapes() {
    return this.compiled.parameters.parameters.map(({ shape }) => shape);
  }

  private readParameters(
    array: number,
    wanted: (parameter: PlacedParameter) => boolean = () => true,
  ): Map<string, Float32Array> {
    return new Map(
      this.compiled.parameters.parameters
        .filter(wanted)
        .map((parameter) => [parameter.shape.name, this.parameterAt(array, parameter).slice()]),
    );
  }

  private parameterAt(array: number, { offset, count }: PlacedParameter): Float32Array {
    return this.floats(array + offset * 4, count);
  }

  private setFlags(useInner: boolean, useOuter: boolean): void {
    const words = new Int32Array(this.memory.buffer);
    words[this.compiled.useInnerAt / 4] = useInner ? 1 : 0;
    words[this.compiled.useOuterAt / 4] = useOuter ? 1 : 0;
  }

  private embeddingAt(slot: number): Float32Array {
    const { activations, sampleBytes } = this.compiled.values;
    const embedding: Placed = activations[this.compiled.embedding];
    return this.floats(this.batchAt + slot * sampleBytes + embedding.at, this.units);
  }

  private errorAt(slot: number): number {
    const { sampleBytes, error } = this.compiled.values;
    return new Float64Array(this.memory.buffer, this.batchAt + slot * sampleBytes + error, 1)[0];
  }

  /** A view that lives until the memory grows. */
  private floats(at: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, count);
  }

  private inGroups(batch: Batch, compute: (span: Span) => void): void {
    const images = countImages(batch, this.network);
    for (let first = 0; first < images; first += GROUP)
      compute({ first, count: Math.min(GROUP, images - first) });
  }

  private needDecoder(): void {
    if (this.network.decoder.length === 0) throw new Error('the network has no decoder');
  }
}

/** @throws ExpectedFailure where it is more than WebAssembly's 32-bit addresses reach. */
function checkMemory(bytes: number, what: string): void {
  if (bytes <= 65_536 * 65_535) return;
  const gibibytes = (bytes / 1_073_741_824).toFixed(1);
  fail('bad-parameter', `${what} needs ${gibibytes} GiB on the wasm engine, which has 4: make it smaller`);
}

/** Where a part of the batch begins: parts as equal as they can be, in the batch's order. */
function partStart(partial: number, count: number): number {
  return Math.floor((partial * count) / PARTIAL_SUMS);
}

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
import type { Kernels } from '../wasm/operations.ts';
import { type CompiledNetwork, compileNetwork, compileReplica } from './compile-network.ts';
import { Crew } from './crew.ts';
import { align } from './memory-plan.ts';
import { PARTIAL_SUMS, type PlacedParameter } from './place-parameters.ts';
import { GROUP } from './place-values.ts';
import { CONTROL, CONTROL_BYTES, type FillStaging, JOB, type Post, work } from './work.ts';

type Half = 'encoder' | 'decoder';

export interface CompiledOptions {
  readonly weights: Weights;
  readonly adam: AdamSettings;
  /** For more than one thread: what `compileSharedKernels` gives. */
  readonly module: WasmModule;
  /** At most; the same bytes for any number. Default 1. */
  readonly threads?: number;
  /** Work below this many multiplications and additions is done by one thread. */
  readonly worthSplittingFlops?: number;
}

/** Images `first` … `first + count − 1` of a batch, and what is to be done with them. */
interface Chunk {
  readonly batch: Batch;
  readonly first: number;
  readonly count: number;
  readonly decodes: boolean;
  /** Whether each sample waits in a batch-wide place of its own. */
  readonly prepared: boolean;
  /** Batch-wide places that the job needs. */
  readonly slots: number;
  readonly resultBytes: number;
}

/** Images that are evaluated at a time. */
const CHUNK = 128;

/** Below this many multiplications and additions a thread costs more than it brings: waking it takes 50 µs. */
const WORTH_SPLITTING_FLOPS = 4e6;

export class CompiledTrainable implements Trainable {
  private readonly compiled: CompiledNetwork;
  private readonly memory: WasmMemory;
  private readonly kernels: Kernels;
  /** One for each thread; the first is this one's. */
  private readonly posts: readonly Post[];
  private readonly replicas: readonly CompiledNetwork[];
  private readonly batchAt: number;
  private readonly pixels: number;
  private readonly units: number;
  private readonly further = new FurtherMoments();
  private step = 0;
  /** Halves that have a gradient waiting. */
  private waiting: readonly Half[] = [];
  private error = { sum: 0, images: 0 };
  private crew: Crew | null = null;
  /** Batch-wide places that there are. */
  private slots: number;

  constructor(
    readonly network: Network,
    private readonly options: CompiledOptions,
  ) {
    const compiled = compileNetwork(network);
    this.compiled = compiled;
    // More threads than partial sums would have nothing to do in a training step.
    const threads = Math.min(options.threads ?? 1, PARTIAL_SUMS);
    const replicas = [compiled];
    while (replicas.length < threads)
      replicas.push(compileReplica(network, compiled, replicas.at(-1)!.bytes));
    this.replicas = replicas;
    const control = align(replicas.at(-1)!.bytes);
    this.batchAt = control + CONTROL_BYTES;
    this.posts = replicas.map((replica, index) =>
      postOf(replica, { control, batchAt: this.batchAt, firstSlot: index * GROUP, network }),
    );
    this.slots = threads * GROUP;
    const bytes = this.batchAt + this.slots * compiled.values.sampleBytes;
    checkMemory(bytes, 'the network');
    this.memory = createMemory(bytes, threads > 1);
    this.kernels = instantiateKernels(options.module, this.memory);
    this.pixels = imageFloats(network);
    this.units = compiled.embeddingFloats;
    for (const { contents } of replicas)
      for (const { at, words } of contents) new Int32Array(this.memory.buffer, at, words.length).set(words);
    this.replaceWeights(options.weights);
  }

  async embed(batch: Batch): Promise<Float32Array> {
    const count = countImages(batch, this.network);
    const result = new Float32Array(count * this.units);
    await this.inChunks(batch, this.units * 4, async (chunk, first) => {
      const { results } = await this.work(JOB.embed, chunk);
      result.set(this.floats(results, chunk.count * this.units), first * this.units);
    });
    return result;
  }

  async reconstruct(batch: Batch): Promise<Float32Array> {
    this.needDecoder();
    const result = new Float32Array(countImages(batch, this.network) * this.pixels);
    await this.inChunks(batch, this.pixels * 4, async (chunk, first) => {
      const { results } = await this.work(JOB.reconstruct, chunk);
      result.set(this.floats(results, chunk.count * this.pixels), first * this.pixels);
    });
    return result;
  }

  async reconstructionErrors(batch: Batch): Promise<Float64Array> {
    this.needDecoder();
    const result = new Float64Array(countImages(batch, this.network));
    await this.inChunks(batch, 0, async (chunk, first) => {
      const { errors } = await this.work(JOB.errors, chunk);
      const squares = new Float64Array(this.memory.buffer, errors, chunk.count);
      for (let i = 0; i < chunk.count; i++) result[first + i] = squares[i] / this.pixels;
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
    for (const { scaleAt } of this.replicas)
      this.floats(scaleAt, 1)[0] = (2 * reconstructionWeight) / (count * this.pixels);
    const { sums, partialBytes } = this.compiled.parameters;
    this.kernels.clear(sums, partialBytes * PARTIAL_SUMS);
    // Without a loss that needs all embeddings at once, each group's places are used again by the next.
    const prepared = embeddingGradient !== undefined;
    const job = { batch, first: 0, count, decodes, prepared, slots: prepared ? count : 0, resultBytes: 0 };
    if (embeddingGradient) await this.embedAll(job, embeddingGradient);
    const { errors } = await this.work(JOB.gradients, job);
    if (decodes) {
      // In the batch's order, whichever thread computed them.
      for (const error of new Float64Array(this.memory.buffer, errors, count)) this.error.sum += error;
      this.error.images += count;
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

  /** Threads end; the memory goes with the last reference to this trainable. */
  dispose(): void {
    void this.crew?.dismiss();
    this.crew = null;
  }

  /** Embeds the whole batch, asks for the loss's gradient there, and puts it where `join` finds it. */
  private async embedAll(job: Chunk, embeddingGradient: (z: Float32Array) => Float32Array): Promise<void> {
    const { sampleBytes, outer } = this.compiled.values;
    const { count } = job;
    await this.work(JOB.prepare, job);
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

  /** Has all threads compute a job; says where its results lie. */
  private async work(kind: number, chunk: Chunk): Promise<{ results: number; errors: number }> {
    const { batch, first, count, decodes, prepared, slots, resultBytes } = chunk;
    const crew = await this.crewFor(kind, count);
    const { sampleBytes } = this.compiled.values;
    const placed = this.batchAt + this.slots * sampleBytes;
    const needed = Math.max(this.slots, slots);
    const errors = align(this.batchAt + needed * sampleBytes);
    const results = align(errors + count * 8);
    const inputs = align(results + count * resultBytes);
    const end = inputs + (crew ? count * this.pixels * 4 : 0);
    checkMemory(end, `a batch of ${count} images`);
    growMemory(this.memory, end);
    // New places begin as zeros, for their halos: what earlier jobs left there goes.
    if (needed > this.slots) this.kernels.clear(placed, errors - placed);
    this.slots = needed;
    const post = this.posts[0];
    const control = new Int32Array(this.memory.buffer, post.control, CONTROL_BYTES / 4);
    const words = { kind, count, decodes: +decodes, prepared: +prepared, inputs, results, errors, next: 0 };
    for (const [name, word] of Object.entries(words)) control[CONTROL[name as keyof typeof words]] = word;
    if (!crew) {
      const staging = this.floats(post.staging, GROUP * this.pixels);
      const fill: FillStaging = (from, samples) =>
        copyImages(batch, this.pixels, { first: first + from, count: samples }, staging);
      work(post, this.kernels, this.memory.buffer, fill);
      return { results, errors };
    }
    // Images of a prepared batch are in its places already.
    if (!(kind === JOB.gradients && prepared))
      copyImages(batch, this.pixels, { first, count }, this.floats(inputs, count * this.pixels));
    crew.begin();
    work(post, this.kernels, this.memory.buffer);
    await crew.finish();
    return { results, errors };
  }

  /** The other threads, started when they are first worth it; null where this one does better alone. */
  private async crewFor(kind: number, count: number): Promise<Crew | null> {
    const passes = kind === JOB.gradients ? 3 : 1;
    const least = this.options.worthSplittingFlops ?? WORTH_SPLITTING_FLOPS;
    if (this.posts.length === 1 || count * this.compiled.flops * passes < 3 * least) return null;
    this.crew ??= await Crew.start({ module: this.options.module, memory: this.memory }, this.posts.slice(1));
    return this.crew;
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
    for (const { useInnerAt, useOuterAt } of this.replicas) {
      words[useInnerAt / 4] = useInner ? 1 : 0;
      words[useOuterAt / 4] = useOuter ? 1 : 0;
    }
  }

  private embeddingAt(slot: number): Float32Array {
    const { sampleBytes } = this.compiled.values;
    return this.floats(this.batchAt + slot * sampleBytes + this.posts[0].embeddingAt, this.units);
  }

  /** A view that lives until the memory grows. */
  private floats(at: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, count);
  }

  /** A large batch goes through in pieces, so that memory stays small. */
  private async inChunks(
    batch: Batch,
    resultBytes: number,
    compute: (chunk: Chunk, first: number) => Promise<void>,
  ): Promise<void> {
    const images = countImages(batch, this.network);
    for (let first = 0; first < images; first += CHUNK) {
      const count = Math.min(CHUNK, images - first);
      const chunk = { batch, first, count, decodes: false, prepared: false, slots: 0, resultBytes };
      await compute(chunk, first);
    }
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

function postOf(
  compiled: CompiledNetwork,
  { network, ...places }: { control: number; batchAt: number; firstSlot: number; network: Network },
): Post {
  const { encode, decode, compare, decodeBackward, join, encodeBackward, values } = compiled;
  return {
    ...places,
    ...{ encode, decode, compare, decodeBackward, join, encodeBackward },
    imagesFromAt: compiled.imagesFromAt,
    staging: values.staging,
    sampleBytes: values.sampleBytes,
    partialBytes: compiled.parameters.partialBytes,
    partialSums: PARTIAL_SUMS,
    group: GROUP,
    imageBytes: imageFloats(network) * 4,
    embeddingBytes: compiled.embeddingFloats * 4,
    embeddingAt: values.activations[compiled.embedding].at,
    errorAt: values.error,
    outputAt: values.activations.at(-1)!.at,
  };
}

// A network becomes a list of operations on addresses: no tensor objects, no dispatch between layers.
import { type Network, networkShapes } from '../../core/network.ts';
import {
  type GatherPlan,
  planFilterGradient,
  planForward,
  planInputGradient,
} from '../wasm/convolution-plan.ts';
import {
  copyWords,
  correlateWords,
  gatherWords,
  KIND,
  type Placed,
  partOffsets,
  type Rows,
  rowsOf,
  SCRATCH_BYTES,
} from '../wasm/operations.ts';
import { MemoryPlan } from './memory-plan.ts';
import { type ConvolutionPass, type Pass, passOf, size } from './pass-layers.ts';
import { type ParameterPlaces, placeParameters } from './place-parameters.ts';
import { placeValues, type ValuePlaces } from './place-values.ts';

/** Operations from `at` to `end`, to be run in order. */
export interface Program {
  readonly at: number;
  readonly end: number;
}

/** Weights in the kernels' layout, made anew after each update. */
export interface Packing {
  readonly half: 'encoder' | 'decoder';
  readonly from: number;
  readonly to: number;
  /** A matrix [rows, columns] in its own order, or picked by a table of `count` places. */
  readonly source:
    | { readonly rows: number; readonly columns: number }
    | { readonly table: number; readonly count: number };
}

export interface CompiledNetwork {
  readonly values: ValuePlaces;
  readonly parameters: ParameterPlaces;
  /** Index of the boundary that is the embedding, and its length. */
  readonly embedding: number;
  readonly embeddingFloats: number;
  readonly packings: readonly Packing[];
  /** Images from staging to the embedding. */
  readonly encode: Program;
  /** Embedding to output. */
  readonly decode: Program;
  /** The error of every sample, and the gradient at the output. */
  readonly compare: Program;
  readonly decodeBackward: Program;
  /** Decoder's and loss's gradient at the embedding become one. */
  readonly join: Program;
  readonly encodeBackward: Program;
  /** Float32: what the difference is multiplied with to be the gradient. */
  readonly scaleAt: number;
  /** Whether `join` takes the decoder's gradient, and the loss's. */
  readonly useInnerAt: number;
  readonly useOuterAt: number;
  /** Address of the word that says where `encode` takes the images from. */
  readonly imagesFromAt: number;
  /** Multiplications and additions of one image's way forward and back. */
  readonly flops: number;
  readonly contents: MemoryPlan['contents'];
  /** Bytes of it all; the samples' batch-wide places may follow. */
  readonly bytes: number;
}

export function compileNetwork(network: Network): CompiledNetwork {
  const memory = new MemoryPlan();
  const shapes = networkShapes(network).flatMap((layer) => layer.parameters);
  const parameters = placeParameters(shapes, memory);
  return new Compiler(passOf(network), memory, parameters).compile();
}

/**
 * The same for another thread: programs and buffers of its own from `start` on, while parameters, their
 * sums and packed weights are the first one's.
 */
export function compileReplica(network: Network, first: CompiledNetwork, start: number): CompiledNetwork {
  return new Compiler(passOf(network), new MemoryPlan(start), first.parameters, first.packings).compile();
}

type Operation = [kind: number, record: number];

class Compiler {
  private readonly values: ValuePlaces;
  private readonly packings: Packing[] = [];
  private readonly scratch: number;
  private readonly zeros: number;
  private flops = 0;

  constructor(
    private readonly pass: Pass,
    private readonly memory: MemoryPlan,
    private readonly parameters: ParameterPlaces,
    /** Of the first thread's program: packed in the same order as this one's, so they are its own. */
    private readonly packed: readonly Packing[] = [],
  ) {
    this.scratch = memory.reserve(SCRATCH_BYTES);
    const widest = Math.max(...pass.boundaries.map(({ extent }) => extent[2]));
    this.zeros = memory.reserve(Math.ceil(widest / 8) * 32);
    this.values = placeValues(pass, memory);
  }

  compile(): CompiledNetwork {
    const { pass, memory, values } = this;
    const encoder = pass.layers.map((_, index) => index).filter((index) => index < pass.embedding);
    const decoder = pass.layers.map((_, index) => index).filter((index) => index >= pass.embedding);
    const backward = (layers: number[]) => [...layers].reverse().flatMap((index) => this.backward(index));
    const compare = this.compare();
    const join = this.join();
    const enter = this.enter();
    return {
      values,
      parameters: this.parameters,
      embedding: pass.embedding,
      embeddingFloats: size(pass.boundaries[pass.embedding].extent),
      encode: this.program([enter, ...encoder.flatMap((index) => this.forward(index))]),
      decode: this.program(decoder.flatMap((index) => this.forward(index))),
      compare: this.program(decoder.length > 0 ? [[KIND.reconstruction, compare]] : []),
      decodeBackward: this.program(backward(decoder)),
      join: this.program([[KIND.join, join]]),
      encodeBackward: this.program(backward(encoder)),
      scaleAt: compare + 44,
      useInnerAt: join + 20,
      useOuterAt: join + 24,
      imagesFromAt: enter[1],
      flops: this.flops,
      packings: this.packings,
      contents: memory.contents,
      bytes: memory.bytes,
    };
  }

  private program(operations: Operation[]): Program {
    const at = this.memory.place(operations.flat());
    return { at, end: at + operations.length * 8 };
  }

  /** Images from where the host puts them to the first boundary. */
  private enter(): Operation {
    const [height, width, channels] = this.pass.boundaries[0].extent;
    const bytes = size([height, width, channels]) * 4;
    return this.copy(
      { at: this.values.staging, sampleBytes: bytes, rowBytes: width * channels * 4, batchWide: false },
      rowsOf(this.values.activations[0]),
      { rows: height, bytes: width * channels * 4 },
    );
  }

  private forward(index: number): Operation[] {
    const layer = this.pass.layers[index];
    const [x, out] = [this.values.activations[index], this.values.activations[index + 1]];
    if (layer.kind === 'rearranging') return this.rearrange(x, out);
    const plans = layer.transposed
      ? planInputGradient(layer.shape, x.picture, out.picture)
      : [planForward(layer.shape, x.picture, out.picture)];
    const { relu } = layer;
    return plans.map((plan) =>
      this.gather(layer, plan, { x, out, start: this.biasOf(layer, plan), relu, mask: null }),
    );
  }

  private backward(index: number): Operation[] {
    const layer = this.pass.layers[index];
    const at = this.values.gradients[index + 1]!;
    const below = this.values.gradients[index];
    if (layer.kind === 'rearranging') return below ? this.rearrange(at, below) : [];
    const operations = this.parameterGradients(layer, index, at);
    if (!below) return operations;
    const plans = layer.transposed
      ? [planForward(layer.shape, at.picture, below.picture)]
      : planInputGradient(layer.shape, at.picture, below.picture);
    // At the embedding the loss's own gradient comes in first; `join` masks there.
    const masked = this.pass.boundaries[index].rectified && index !== this.pass.embedding;
    const mask = masked ? this.values.activations[index] : null;
    for (const plan of plans) {
      operations.push(this.gather(layer, plan, { x: at, out: below, start: this.zeros, relu: false, mask }));
    }
    return operations;
  }

  private parameterGradients(layer: ConvolutionPass, index: number, at: Placed): Operation[] {
    const before = this.values.activations[index];
    const [x, y] = layer.transposed ? [at, before] : [before, at];
    const plan = planFilterGradient(layer.shape, x.picture);
    const sum = (name: string) => this.parameters.byName.get(name)!.sum;
    const filter = correlateWords({
      plan,
      x,
      y,
      table: this.table(plan.segments),
      sum: sum(layer.kernel.name),
    });
    const { picture } = at;
    const bias = [
      at.at + picture.origin * 4,
      at.sampleBytes,
      picture.rowFloats * 4,
      picture.height,
      picture.width,
      picture.channels,
      sum(layer.bias.name),
    ];
    return [
      [KIND.correlate, this.memory.place(filter)],
      [KIND.sumPixels, this.memory.place(bias)],
    ];
  }

  private gather(
    layer: ConvolutionPass,
    plan: GatherPlan,
    places: { x: Placed; out: Placed; start: number; relu: boolean; mask: Placed | null },
  ): Operation {
    const weights = this.pack(layer, plan);
    // Forward and input gradient pass here; a filter gradient costs as much as either.
    this.flops += 3 * plan.height * plan.width * plan.segments.length * plan.run * plan.channels;
    const words = gatherWords({
      plan,
      ...places,
      weights,
      table: this.table(plan.segments),
      parts: this.memory.place(partOffsets(plan, places.out.picture, places.mask?.picture ?? null)),
      scratch: this.scratch,
    });
    return [KIND.gather, this.memory.place(words)];
  }

  /** The bias, a float for each lane: as it stands, or repeated where a stride of pixels is computed as one. */
  private biasOf(layer: ConvolutionPass, plan: GatherPlan): number {
    const { offset, count, half } = this.parameters.byName.get(layer.bias.name)!;
    const from = this.parameters.weights + offset * 4;
    if (plan.channels === count) return from;
    return this.place(() => {
      const table = this.memory.place(Array.from({ length: plan.channels }, (_, lane) => lane % count));
      const to = this.memory.reserve(plan.channels * 4);
      return { half, from, to, source: { table, count: plan.channels } };
    });
  }

  private pack(layer: ConvolutionPass, plan: GatherPlan): number {
    const kernel = this.parameters.byName.get(layer.kernel.name)!;
    const count = plan.packing.length;
    const inOrder =
      plan.panel === 8 &&
      count === Math.ceil(kernel.columns / 8) * kernel.rows * 8 &&
      plan.packing.every((place, i) => {
        const column = Math.floor(i / (kernel.rows * 8)) * 8 + (i % 8);
        const row = Math.floor(i / 8) % kernel.rows;
        return place === (column < kernel.columns ? row * kernel.columns + column : -1);
      });
    return this.place(() => ({
      half: kernel.half,
      from: this.parameters.weights + kernel.offset * 4,
      to: this.memory.reserve(count * 4),
      source: inOrder
        ? { rows: kernel.rows, columns: kernel.columns }
        : { table: this.memory.place(plan.packing), count },
    }));
  }

  /** Where weights are packed to: where the first thread has them, if there is one. */
  private place(make: () => Packing): number {
    const packing = this.packed[this.packings.length] ?? make();
    this.packings.push(packing);
    return packing.to;
  }

  private table(segments: readonly number[]): number {
    return this.memory.place(segments.map((floats) => floats * 4));
  }

  /** Between a flat array and a picture: row by row of the picture, whose neighbour has no halo. */
  private rearrange(from: Placed, to: Placed): Operation[] {
    if (from.at === to.at && from.batchWide === to.batchWide) return [];
    const { height, width, channels } =
      from.picture.width > 1 || from.picture.height > 1 ? from.picture : to.picture;
    const bytes = width * channels * 4;
    const flat = (placed: Placed) =>
      placed.picture.height === height && placed.picture.width === width
        ? rowsOf(placed)
        : { ...rowsOf(placed), rowBytes: bytes };
    return [this.copy(flat(from), flat(to), { rows: height, bytes })];
  }

  private copy(from: Rows, to: Rows, what: { rows: number; bytes: number }): Operation {
    return [KIND.copy, this.memory.place(copyWords(from, to, what))];
  }

  private compare(): number {
    const { values, pass } = this;
    const out = values.activations.at(-1)!;
    const target = values.activations[0];
    const gradient = values.gradients.at(-1)!;
    const { height, width, channels, origin, rowFloats } = out.picture;
    return this.memory.place([
      out.at + origin * 4,
      out.sampleBytes,
      rowFloats * 4,
      target.at + target.picture.origin * 4,
      target.sampleBytes,
      target.picture.rowFloats * 4,
      gradient.at + gradient.picture.origin * 4,
      gradient.sampleBytes,
      gradient.picture.rowFloats * 4,
      width * channels,
      height,
      0,
      pass.boundaries.at(-1)!.rectified ? 1 : 0,
      values.error,
      values.sampleBytes,
    ]);
  }

  private join(): number {
    const { values, pass } = this;
    const inner = values.gradients[pass.embedding]!;
    const embedding = values.activations[pass.embedding];
    return this.memory.place([
      inner.at,
      inner.sampleBytes,
      values.outer,
      embedding.at,
      size(pass.boundaries[pass.embedding].extent),
      0,
      0,
      pass.boundaries[pass.embedding].rectified ? 1 : 0,
      values.sampleBytes,
    ]);
  }
}

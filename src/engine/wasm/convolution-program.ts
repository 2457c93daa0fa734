// The operations of one convolution under tfjs, compiled once for a shape and kept. Tensors lie elsewhere
// at each call: the words that say where are set for each few samples.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ConvolutionShape, CorrelationPlan, GatherPlan, Picture } from './convolution-plan.ts';
import {
  COPY,
  CORRELATE,
  copyWords,
  correlateWords,
  GATHER,
  gatherWords,
  KIND,
  type Placed,
  partOffsets,
  rowsOf,
  SCRATCH_BYTES,
  SLACK_BYTES,
} from './operations.ts';
import type { Workspace } from './tfjs-workspace.ts';

/** Samples computed together: as many as this holds, since what lies in the second cache is read quickly. */
const CHUNK_BYTES = 128 * 1024;

/** A tensor's samples as operations read them. */
export interface Source {
  /** Which of the tensors handed to `run`. */
  readonly tensor: number;
  readonly placed: Placed;
  /** In the tensor itself: nothing is copied. */
  readonly inPlace: boolean;
}

/** A word that holds the address of a tensor's sample, `offset` bytes on. */
interface Moving {
  readonly word: number;
  readonly tensor: number;
  readonly offset: number;
  readonly sampleBytes: number;
}

export class ConvolutionProgram {
  private readonly operations: number[] = [];
  private readonly moving: Moving[] = [];
  private readonly chunk: number;

  constructor(
    private readonly workspace: Workspace,
    shape: ConvolutionShape,
  ) {
    const floats =
      shape.inHeight * shape.inWidth * shape.inChannels +
      shape.outHeight * shape.outWidth * shape.outChannels;
    this.chunk = Math.max(1, Math.floor(CHUNK_BYTES / (floats * 4)));
  }

  /**
   * Where samples of a tensor are read: in the tensor, or, where windows reach beyond the picture or a
   * panel beyond its channels, in copies with zeros around them.
   */
  read(tensor: number, picture: Picture, beyondChannels = false): Source {
    const { workspace } = this;
    const { height, width, channels, sampleFloats } = picture;
    const rowBytes = width * channels * 4;
    const sampleBytes = height * rowBytes;
    if (sampleFloats * 4 === sampleBytes && !beyondChannels) {
      return { tensor, placed: { at: 0, sampleBytes, picture, batchWide: false }, inPlace: true };
    }
    const bytes = this.chunk * sampleFloats * 4 + SLACK_BYTES;
    const at = workspace.allocate(bytes);
    workspace.kernels.clear(at, bytes);
    const placed = { at, sampleBytes: sampleFloats * 4, picture, batchWide: false };
    const from = { at: 0, sampleBytes, rowBytes, batchWide: false };
    const record = workspace.place(copyWords(from, rowsOf(placed), { rows: height, bytes: rowBytes }));
    this.moving.push({ word: record + COPY.from, tensor, offset: 0, sampleBytes });
    this.operations.push(KIND.copy, record);
    return { tensor, placed, inPlace: false };
  }

  /** Sums over windows of x, each plan's into its places of tensor 1. */
  gather(plans: readonly GatherPlan[], { x, result, relu }: { x: Source; result: Picture; relu: boolean }) {
    const { workspace } = this;
    const startBytes = Math.max(...plans.map(({ channels }) => Math.ceil(channels / 8))) * 32;
    const start = workspace.allocate(startBytes);
    workspace.kernels.clear(start, startBytes);
    const scratch = workspace.allocate(SCRATCH_BYTES);
    const packs: { table: number; count: number; weights: number }[] = [];
    for (const plan of plans) {
      const weights = workspace.allocate(plan.packing.length * 4);
      packs.push({ table: workspace.place(plan.packing), count: plan.packing.length, weights });
      const words = gatherWords({
        plan,
        x: x.placed,
        out: { at: 0, sampleBytes: result.sampleFloats * 4, picture: result, batchWide: false },
        mask: null,
        table: this.placeSegments(plan.segments),
        parts: workspace.place(partOffsets(plan, result, null)),
        weights,
        start,
        relu,
        scratch,
      });
      const record = this.add(KIND.gather, words);
      this.follow(x, record + GATHER.x);
      this.moving.push({
        word: record + GATHER.out,
        tensor: 1,
        offset: plan.outOffset * 4,
        sampleBytes: result.sampleFloats * 4,
      });
    }
    return {
      /** What the sums start from: zeros, or a bias that the caller puts there. */
      start,
      /** Brings a filter into the kernels' layout. */
      pack(filter: number): void {
        for (const { table, count, weights } of packs) workspace.kernels.pick(filter, table, count, weights);
      },
      run: this.finish(),
    };
  }

  /** Products of x's windows and y's pixels, summed over pixels and samples. */
  correlate(plan: CorrelationPlan, { x, y }: { x: Source; y: Source }) {
    const { workspace } = this;
    const rows = plan.segments.length * plan.run;
    const sumBytes = Math.ceil(plan.channels / 8) * rows * 32;
    const sum = workspace.allocate(sumBytes);
    const table = this.placeSegments(plan.segments);
    const record = this.add(KIND.correlate, correlateWords({ plan, x: x.placed, y: y.placed, table, sum }));
    this.follow(x, record + CORRELATE.x);
    this.follow(y, record + CORRELATE.y);
    return { sum, sumBytes, run: this.finish() };
  }

  private placeSegments(segments: readonly number[]): number {
    return this.workspace.place(segments.map((floats) => floats * 4));
  }

  private add(kind: number, words: readonly number[]): number {
    const record = this.workspace.place(words);
    this.operations.push(kind, record);
    return record;
  }

  private follow({ inPlace, tensor, placed }: Source, word: number): void {
    if (inPlace) this.moving.push({ word, tensor, offset: 0, sampleBytes: placed.sampleBytes });
  }

  private finish(): (tensors: readonly TensorInfo[], batch: number) => void {
    const { workspace, moving, chunk } = this;
    const at = workspace.place(this.operations);
    const end = at + this.operations.length * 4;
    return (tensors, batch) => {
      const addresses = tensors.map((tensor) => workspace.addressOf(tensor));
      for (let first = 0; first < batch; first += chunk) {
        for (const { word, tensor, offset, sampleBytes } of moving) {
          workspace.setWords(word, [addresses[tensor] + offset + first * sampleBytes]);
        }
        workspace.kernels.run(at, end, 0, Math.min(chunk, batch - first), 0);
      }
    };
  }
}

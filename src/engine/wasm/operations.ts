// The records that tell the kernels what to do: 32-bit words, read by assembly/*.ts in this order.
import type { CorrelationPlan, GatherPlan, Picture } from './convolution-plan.ts';

/** Kinds of operations, as assembly/program.ts counts them. */
export const KIND = { gather: 0, correlate: 1, sumPixels: 2, copy: 3, reconstruction: 4, join: 5 } as const;

/** What `kernels.wasm` exports; every address and stride in bytes. */
export interface Kernels {
  gather(operation: number, wide: number, samples: number): void;
  run(program: number, end: number, wide: number, samples: number, sumOffset: number): void;
  pick(from: number, table: number, count: number, to: number): void;
  copyRows(from: number, fromRow: number, to: number, toRow: number, rows: number, bytes: number): void;
  clear(at: number, bytes: number): void;
  packPanels(
    from: number,
    rowStep: number,
    columnStep: number,
    rows: number,
    columns: number,
    to: number,
  ): void;
  unpackPanels(from: number, rows: number, columns: number, to: number): void;
  transpose(from: number, rows: number, columns: number, to: number): void;
  sumColumns(from: number, rows: number, columns: number, to: number, totals: number): void;
  reducePanels(from: number, partialBytes: number, rows: number, columns: number, to: number): void;
  adam(
    weights: number,
    gradient: number,
    first: number,
    second: number,
    count: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    length: number,
    epsilon: number,
  ): void;
}

/** Bytes that an operation may read beyond a buffer's end: the unused lanes of a last panel. */
export const SLACK_BYTES = 32;
/** For tiles whose channels do not fill a panel. */
export const SCRATCH_BYTES = 128;

/** A buffer of samples in memory. */
export interface Placed {
  /** Where sample 0 begins, halo included. */
  readonly at: number;
  readonly sampleBytes: number;
  readonly picture: Picture;
  /** In the samples' batch-wide places: `at` counts from the first one's (assembly/program.ts). */
  readonly batchWide: boolean;
}

export interface GatherRequest {
  readonly plan: GatherPlan;
  readonly x: Placed;
  readonly out: Placed;
  /** The result is zero where this is not above zero (ReLU's derivative). */
  readonly mask: Placed | null;
  /** Byte offsets of the plan's segments. */
  readonly table: number;
  /** What `partOffsets` gives, where the plan has several parts. */
  readonly parts: number;
  readonly weights: number;
  /** What the sums start from, one float a lane. */
  readonly start: number;
  readonly relu: boolean;
  readonly scratch: number;
}

export function gatherWords({ plan, x, out, mask, ...places }: GatherRequest): number[] {
  // The mask's grid is the output's: the same phase and steps, on a picture with a halo of its own.
  const phaseRow = Math.floor(plan.outOffset / out.picture.rowFloats);
  const phaseColumn = (plan.outOffset % out.picture.rowFloats) / out.picture.channels;
  const rowsApart = plan.outRow / out.picture.rowFloats;
  const pixelsApart = plan.outPixel / out.picture.channels;
  return [
    x.at + x.picture.origin * 4,
    x.sampleBytes,
    plan.inRow * 4,
    plan.inPixel * 4,
    out.at + (out.picture.origin + plan.outOffset) * 4,
    out.sampleBytes,
    plan.outRow * 4,
    plan.outPixel * 4,
    plan.height,
    plan.width,
    places.table,
    places.table + plan.segments.length * 4,
    plan.run * 4,
    places.weights,
    plan.segments.length * plan.run * plan.panel * 4,
    plan.channels,
    places.start,
    places.relu ? 1 : 0,
    mask
      ? mask.at +
        (mask.picture.origin + phaseRow * mask.picture.rowFloats + phaseColumn * mask.picture.channels) * 4
      : 0,
    mask ? mask.sampleBytes : 0,
    mask ? rowsApart * mask.picture.rowFloats * 4 : 0,
    mask ? pixelsApart * mask.picture.channels * 4 : 0,
    places.scratch,
    (x.batchWide ? 1 : 0) +
      (out.batchWide ? 2 : 0) +
      (mask?.batchWide ? 4 : 0) +
      (mask ? 8 : 0) +
      (plan.panel === 4 ? 16 : 0) +
      (plan.partRows.length > 1 ? 32 : 0),
    plan.partRows.length,
    places.parts,
  ];
}

/** Where each part of a plan's channels goes: bytes from the first one's, in the output and in the mask. */
export function partOffsets(plan: GatherPlan, out: Picture, mask: Picture | null): number[] {
  return plan.partRows.flatMap((row) => [row * out.rowFloats * 4, mask ? row * mask.rowFloats * 4 : 0]);
}
/** Byte offsets of the words that say where an operation's numbers begin. */
export const GATHER = { x: 0, out: 16 } as const;
export const CORRELATE = { x: 0, y: 16 } as const;
export const COPY = { from: 0 } as const;

export interface CorrelateRequest {
  readonly plan: CorrelationPlan;
  readonly x: Placed;
  readonly y: Placed;
  readonly table: number;
  /** [⌈channels/8⌉][rows of the filter][8], added to. */
  readonly sum: number;
}

export function correlateWords({ plan, x, y, table, sum }: CorrelateRequest): number[] {
  return [
    x.at + x.picture.origin * 4,
    x.sampleBytes,
    plan.inRow * 4,
    plan.inPixel * 4,
    y.at + y.picture.origin * 4,
    y.sampleBytes,
    y.picture.rowFloats * 4,
    y.picture.channels * 4,
    plan.height,
    plan.width,
    table,
    table + plan.segments.length * 4,
    plan.run,
    sum,
    plan.channels,
    (x.batchWide ? 1 : 0) + (y.batchWide ? 2 : 0),
  ];
}

/** Rows of every sample, `bytes` long. */
export interface Rows {
  readonly at: number;
  readonly sampleBytes: number;
  readonly rowBytes: number;
  readonly batchWide: boolean;
}

export function copyWords(from: Rows, to: Rows, what: { rows: number; bytes: number }): number[] {
  return [
    from.at,
    from.sampleBytes,
    from.rowBytes,
    to.at,
    to.sampleBytes,
    to.rowBytes,
    what.rows,
    what.bytes,
    (from.batchWide ? 1 : 0) + (to.batchWide ? 2 : 0),
  ];
}

/** A picture's own rows, without its halo. */
export function rowsOf({ at, sampleBytes, picture, batchWide }: Placed): Rows {
  return { at: at + picture.origin * 4, sampleBytes, rowBytes: picture.rowFloats * 4, batchWide };
}

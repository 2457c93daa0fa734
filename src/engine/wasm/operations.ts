// The records that tell the kernels what to do: 32-bit words, read by assembly/gather.ts and correlate.ts.
import type { CorrelationPlan, GatherPlan, Picture } from './convolution-plan.ts';

/** What `kernels.wasm` exports; every address and stride in bytes. */
export interface Kernels {
  gather(operation: number, firstSample: number, samples: number): void;
  correlate(operation: number, firstSample: number, samples: number): void;
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
}

/** The order of a gather operation's words. */
export const GATHER_WORDS = [
  'x', // the grid's first pixel in sample 0
  'xSample',
  'xRow',
  'xPixel',
  'out',
  'outSample',
  'outRow',
  'outPixel',
  'height',
  'width',
  'table', // byte offsets of the segments
  'tableEnd',
  'runBytes',
  'weights',
  'panelBytes',
  'channels',
  'start', // what the sums start from, 8 floats a panel
  'relu',
  'mask', // 0: none
  'maskSample',
  'maskRow',
  'maskPixel',
  'scratch', // 128 bytes
] as const;
export type GatherRecord = Readonly<Record<(typeof GATHER_WORDS)[number], number>>;

/** The order of a correlate operation's words. */
export const CORRELATE_WORDS = [
  'x',
  'xSample',
  'xRow',
  'xPixel',
  'y',
  'ySample',
  'yRow',
  'yPixel',
  'height',
  'width',
  'table',
  'tableEnd',
  'run',
  'sum',
  'channels',
] as const;
export type CorrelateRecord = Readonly<Record<(typeof CORRELATE_WORDS)[number], number>>;

/** Bytes that an operation may read beyond a buffer's end: the unused lanes of a last panel. */
export const SLACK_BYTES = 32;
export const SCRATCH_BYTES = 128;

export function gatherWords(record: GatherRecord): number[] {
  return GATHER_WORDS.map((name) => record[name]);
}

export function correlateWords(record: CorrelateRecord): number[] {
  return CORRELATE_WORDS.map((name) => record[name]);
}

/** Addresses of a gather operation; `x` and `out` are where sample 0 begins, halo included. */
export interface GatherPlaces {
  readonly x: number;
  readonly out: number;
  readonly table: number;
  readonly weights: number;
  readonly start: number;
  readonly relu: boolean;
  readonly mask: { readonly at: number; readonly picture: Picture } | null;
  readonly scratch: number;
}

export function gatherRecord(
  plan: GatherPlan,
  input: Picture,
  output: Picture,
  places: GatherPlaces,
): GatherRecord {
  const { mask } = places;
  // The mask's grid is the output's: the same phase and steps, on a picture with a halo of its own.
  const maskOf = (floats: number, ofOutput: number, ofMask: number) => (floats / ofOutput) * ofMask * 4;
  const phaseRow = Math.floor(plan.outOffset / output.rowFloats);
  const phaseColumn = (plan.outOffset % output.rowFloats) / output.channels;
  return {
    x: places.x + input.origin * 4,
    xSample: input.sampleFloats * 4,
    xRow: plan.inRow * 4,
    xPixel: plan.inPixel * 4,
    out: places.out + (output.origin + plan.outOffset) * 4,
    outSample: output.sampleFloats * 4,
    outRow: plan.outRow * 4,
    outPixel: plan.outPixel * 4,
    height: plan.height,
    width: plan.width,
    table: places.table,
    tableEnd: places.table + plan.segments.length * 4,
    runBytes: plan.run * 4,
    weights: places.weights,
    panelBytes: plan.segments.length * plan.run * 32,
    channels: plan.channels,
    start: places.start,
    relu: places.relu ? 1 : 0,
    mask: mask
      ? mask.at +
        (mask.picture.origin + phaseRow * mask.picture.rowFloats + phaseColumn * mask.picture.channels) * 4
      : 0,
    maskSample: mask ? mask.picture.sampleFloats * 4 : 0,
    maskRow: mask ? maskOf(plan.outRow, output.rowFloats, mask.picture.rowFloats) : 0,
    maskPixel: mask ? maskOf(plan.outPixel, output.channels, mask.picture.channels) : 0,
    scratch: places.scratch,
  };
}

/** Addresses of a correlate operation; `x` and `y` are where sample 0 begins, halo included. */
export interface CorrelatePlaces {
  readonly x: number;
  readonly y: number;
  readonly table: number;
  readonly sum: number;
}

export function correlateRecord(
  plan: CorrelationPlan,
  input: Picture,
  output: Picture,
  places: CorrelatePlaces,
): CorrelateRecord {
  return {
    x: places.x + input.origin * 4,
    xSample: input.sampleFloats * 4,
    xRow: plan.inRow * 4,
    xPixel: plan.inPixel * 4,
    y: places.y + output.origin * 4,
    ySample: output.sampleFloats * 4,
    yRow: output.rowFloats * 4,
    yPixel: output.channels * 4,
    height: plan.height,
    width: plan.width,
    table: places.table,
    tableEnd: places.table + plan.segments.length * 4,
    run: plan.run,
    sum: places.sum,
    channels: plan.channels,
  };
}

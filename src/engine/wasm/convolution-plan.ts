// Where the numbers of a convolution lie: pure arithmetic on shapes, in floats. The kernels know only
// "segments": places, relative to an output pixel's window, where a run of contiguous inputs begins.

/** A 2-D convolution, NHWC, filter [kernelHeight, kernelWidth, inChannels, outChannels]. */
export interface ConvolutionShape {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** Rows and columns of zeros around a picture, which a window may reach into. */
export interface Halo {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** How one sample lies in memory: its own pixels, and zeros around them. */
export class Picture {
  readonly rowFloats: number;
  readonly sampleFloats: number;
  /** From the sample's first float to its first own pixel. */
  readonly origin: number;

  constructor(
    readonly height: number,
    readonly width: number,
    readonly channels: number,
    readonly halo: Halo,
  ) {
    this.rowFloats = (halo.left + width + halo.right) * channels;
    this.sampleFloats = (halo.top + height + halo.bottom) * this.rowFloats;
    this.origin = halo.top * this.rowFloats + halo.left * channels;
  }
}

export const NO_HALO: Halo = { top: 0, bottom: 0, left: 0, right: 0 };

/** A sum over segments for every pixel of a grid; offsets and steps in floats. */
export interface GatherPlan {
  readonly height: number;
  readonly width: number;
  /** From the input's first own pixel to a segment, for the grid's first pixel. */
  readonly segments: readonly number[];
  /** Floats in a segment. */
  readonly run: number;
  readonly inRow: number;
  readonly inPixel: number;
  /** From the output's first own pixel to the grid's first. */
  readonly outOffset: number;
  readonly outRow: number;
  readonly outPixel: number;
  /** Numbers computed for each pixel of the grid: its channels, or those of a whole stride. */
  readonly channels: number;
  /** Rows of the output, relative to `outOffset`, that share the channels evenly; mostly one, [0]. */
  readonly partRows: readonly number[];
  /** Channels to a panel of weights: what does not fill 8 is computed by fours. */
  readonly panel: 4 | 8;
  /** [⌈channels/panel⌉][segments][run][panel]: which float of the filter stands there, −1 for none. */
  readonly packing: Int32Array;
}

interface Tap {
  /** Place in the filter along one axis. */
  readonly kernel: number;
  /** Input pixel, relative to the grid's pixel times its step. */
  readonly offset: number;
}

/** The convolution itself, from `input` to `output`. Also the gradient at a transposed convolution's input. */
export function planForward(shape: ConvolutionShape, input: Picture, output: Picture): GatherPlan {
  const rows = forwardOffsets(shape.kernelHeight, shape.dilationHeight, shape.padTop);
  const columns = forwardOffsets(shape.kernelWidth, shape.dilationWidth, shape.padLeft);
  return {
    height: shape.outHeight,
    width: shape.outWidth,
    ...layTaps({ rows, columns, picture: input }),
    inRow: shape.strideHeight * input.rowFloats,
    inPixel: shape.strideWidth * input.channels,
    outOffset: 0,
    outRow: output.rowFloats,
    outPixel: output.channels,
    partRows: [0],
    ...pack({
      rows,
      columns,
      inner: shape.inChannels,
      channels: shape.outChannels,
      indexOf: (row, column, input, output) =>
        filterIndex(shape, rows.indexOf(row), columns.indexOf(column), input, output),
    }),
  };
}

/**
 * The gradient at the convolution's input, from `gradient` (its output's) to `result`; also a transposed
 * convolution forward. One plan for each phase of the stride, so that every number is written once. Where
 * a pixel has few channels, a stride's width of pixels, and several of its rows, are computed as if they
 * were one pixel with more.
 */
export function planInputGradient(shape: ConvolutionShape, gradient: Picture, result: Picture): GatherPlan[] {
  const { strideHeight, strideWidth, inHeight, inWidth, inChannels } = shape;
  const merges = strideWidth > 1 && strideWidth * inChannels <= 8 && inWidth % strideWidth === 0;
  const columns = merges ? strideWidth : 1;
  const rowsTogether = merges && inHeight % strideHeight === 0 ? Math.floor(8 / (columns * inChannels)) : 1;
  // Rows that the same taps meet belong together: fewest taps first brings them together.
  const rows = Array.from({ length: Math.min(strideHeight, inHeight) }, (_, row) => row);
  const tapsOf = (row: number) => rowTaps(shape, row).length;
  if (rowsTogether > 1) rows.sort((a, b) => tapsOf(a) - tapsOf(b) || a - b);
  const plans: GatherPlan[] = [];
  for (let first = 0; first < rows.length; first += rowsTogether) {
    for (let column = 0; column < Math.min(strideWidth, inWidth); column += columns) {
      const phase = { rows: rows.slice(first, first + rowsTogether), firstColumn: column, columns };
      plans.push(planPhase(shape, phase, { gradient, result }));
    }
  }
  return plans;
}

/** The pixels whose row is one of `rows`, and column one of `columns` from `firstColumn` on, modulo the stride. */
interface Phase {
  readonly rows: readonly number[];
  readonly firstColumn: number;
  readonly columns: number;
}

function planPhase(
  shape: ConvolutionShape,
  phase: Phase,
  { gradient, result }: { gradient: Picture; result: Picture },
): GatherPlan {
  const { strideHeight, strideWidth, inChannels } = shape;
  const tapsOfRows = phase.rows.map((row) => rowTaps(shape, row));
  const tapsOfColumns = Array.from({ length: phase.columns }, (_, column) =>
    phaseTaps(
      phase.firstColumn + column + shape.padLeft,
      shape.kernelWidth,
      shape.dilationWidth,
      strideWidth,
    ),
  );
  const [rows, columns] = [unionOf(tapsOfRows), unionOf(tapsOfColumns)];
  const lanes = phase.columns * inChannels;
  return {
    height: Math.ceil((shape.inHeight - phase.rows[0]) / strideHeight),
    width: Math.ceil((shape.inWidth - phase.firstColumn) / strideWidth),
    ...layTaps({ rows, columns, picture: gradient }),
    inRow: gradient.rowFloats,
    inPixel: gradient.channels,
    outOffset: phase.rows[0] * result.rowFloats + phase.firstColumn * result.channels,
    outRow: strideHeight * result.rowFloats,
    outPixel: strideWidth * result.channels,
    partRows: phase.rows.map((row) => row - phase.rows[0]),
    ...pack({
      rows,
      columns,
      inner: shape.outChannels,
      channels: phase.rows.length * lanes,
      indexOf(row, column, output, channel) {
        const ky = tapsOfRows[Math.floor(channel / lanes)].find(({ offset }) => offset === row);
        const within = channel % lanes;
        const kx = tapsOfColumns[Math.floor(within / inChannels)].find(({ offset }) => offset === column);
        return ky && kx ? filterIndex(shape, ky.kernel, kx.kernel, within % inChannels, output) : -1;
      },
    }),
  };
}

function rowTaps(shape: ConvolutionShape, row: number): Tap[] {
  return phaseTaps(row + shape.padTop, shape.kernelHeight, shape.dilationHeight, shape.strideHeight);
}

/** A filter gradient: rows of the filter as segments of the input, summed over the output's pixels. */
export interface CorrelationPlan {
  readonly segments: readonly number[];
  readonly run: number;
  readonly inRow: number;
  readonly inPixel: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The gradient at the filter: its rows come out in the filter's own order [ky][kx][in], 8 output channels a panel. */
export function planFilterGradient(shape: ConvolutionShape, input: Picture): CorrelationPlan {
  const rows = forwardOffsets(shape.kernelHeight, shape.dilationHeight, shape.padTop);
  const columns = forwardOffsets(shape.kernelWidth, shape.dilationWidth, shape.padLeft);
  return {
    ...layTaps({ rows, columns, picture: input }),
    inRow: shape.strideHeight * input.rowFloats,
    inPixel: shape.strideWidth * input.channels,
    height: shape.outHeight,
    width: shape.outWidth,
    channels: shape.outChannels,
  };
}

/** What `planForward` and `planFilterGradient` read outside the input. */
export function forwardHalo(shape: ConvolutionShape): Halo {
  const beyond = (out: number, stride: number, kernel: number, dilation: number, pad: number, size: number) =>
    Math.max(0, (out - 1) * stride - pad + (kernel - 1) * dilation - (size - 1));
  return {
    top: Math.max(0, shape.padTop),
    left: Math.max(0, shape.padLeft),
    bottom: beyond(
      shape.outHeight,
      shape.strideHeight,
      shape.kernelHeight,
      shape.dilationHeight,
      shape.padTop,
      shape.inHeight,
    ),
    right: beyond(
      shape.outWidth,
      shape.strideWidth,
      shape.kernelWidth,
      shape.dilationWidth,
      shape.padLeft,
      shape.inWidth,
    ),
  };
}

/** What `planInputGradient` reads outside the gradient. */
export function inputGradientHalo(shape: ConvolutionShape): Halo {
  const [top, bottom] = phaseHalo(
    shape.inHeight,
    shape.outHeight,
    shape.padTop,
    shape.kernelHeight,
    shape.dilationHeight,
    shape.strideHeight,
  );
  const [left, right] = phaseHalo(
    shape.inWidth,
    shape.outWidth,
    shape.padLeft,
    shape.kernelWidth,
    shape.dilationWidth,
    shape.strideWidth,
  );
  return { top, bottom, left, right };
}

export function widestHalo(halos: readonly Halo[]): Halo {
  const widest = (side: keyof Halo) => Math.max(0, ...halos.map((halo) => halo[side]));
  return { top: widest('top'), bottom: widest('bottom'), left: widest('left'), right: widest('right') };
}

function phaseHalo(
  inSize: number,
  outSize: number,
  pad: number,
  kernel: number,
  dilation: number,
  stride: number,
): [number, number] {
  let before = 0;
  let after = 0;
  for (let phase = 0; phase < Math.min(stride, inSize); phase++) {
    const last = Math.ceil((inSize - phase) / stride) - 1;
    for (const { offset } of phaseTaps(phase + pad, kernel, dilation, stride)) {
      before = Math.max(before, -offset);
      after = Math.max(after, last + offset - (outSize - 1));
    }
  }
  return [before, after];
}

function forwardOffsets(kernel: number, dilation: number, pad: number): number[] {
  return Array.from({ length: kernel }, (_, index) => index * dilation - pad);
}

/** The taps that meet a phase: output = (input + pad − kernel·dilation) / stride, where that is whole; offsets ascend. */
function phaseTaps(position: number, kernel: number, dilation: number, stride: number): Tap[] {
  const taps: Tap[] = [];
  for (let index = kernel - 1; index >= 0; index--) {
    const reach = position - index * dilation;
    if (reach % stride === 0) taps.push({ kernel: index, offset: reach / stride });
  }
  return taps;
}

/** All offsets of several phases, ascending. */
function unionOf(phases: readonly (readonly Tap[])[]): number[] {
  return [...new Set(phases.flat().map(({ offset }) => offset))].sort((a, b) => a - b);
}

/** One segment a row where the columns are neighbours, else one a column. */
function layTaps({ rows, columns, picture }: { rows: number[]; columns: number[]; picture: Picture }) {
  const neighbours = columns.every((offset, index) => offset === columns[0] + index);
  const heads = neighbours ? columns.slice(0, 1) : columns;
  return {
    segments: rows.flatMap((row) =>
      heads.map((column) => row * picture.rowFloats + column * picture.channels),
    ),
    run: (neighbours ? columns.length : 1) * picture.channels,
  };
}

function filterIndex(shape: ConvolutionShape, ky: number, kx: number, input: number, output: number): number {
  return ((ky * shape.kernelWidth + kx) * shape.inChannels + input) * shape.outChannels + output;
}

interface PackingRequest {
  /** Offsets of the input, in the order of the sum. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Channels that are summed over. */
  readonly inner: number;
  /** Channels that come out. */
  readonly channels: number;
  readonly indexOf: (row: number, column: number, inner: number, channel: number) => number;
}

function pack({ rows, columns, inner, channels, indexOf }: PackingRequest) {
  const panel: 4 | 8 = channels <= 4 ? 4 : 8;
  const panels = Math.ceil(channels / panel);
  const packing = new Int32Array(panels * rows.length * columns.length * inner * panel);
  let at = 0;
  for (let first = 0; first < channels; first += panel) {
    for (const row of rows) {
      for (const column of columns) {
        for (let index = 0; index < inner; index++) {
          for (let channel = first; channel < first + panel; channel++) {
            packing[at++] = channel < channels ? indexOf(row, column, index, channel) : -1;
          }
        }
      }
    }
  }
  return { channels, panel, packing };
}

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
  /** Neighbouring numbers computed for each pixel of the grid: its channels, or those of a whole stride. */
  readonly channels: number;
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
  const rows = forwardTaps(shape.kernelHeight, shape.dilationHeight, shape.padTop);
  const columns = forwardTaps(shape.kernelWidth, shape.dilationWidth, shape.padLeft);
  return {
    height: shape.outHeight,
    width: shape.outWidth,
    ...layTaps({ rows, columns, picture: input }),
    inRow: shape.strideHeight * input.rowFloats,
    inPixel: shape.strideWidth * input.channels,
    outOffset: 0,
    outRow: output.rowFloats,
    outPixel: output.channels,
    ...pack({
      rows,
      columns,
      inner: shape.inChannels,
      channels: shape.outChannels,
      indexOf: (ky, kx, input, output) => filterIndex(shape, ky.kernel, kx.kernel, input, output),
    }),
  };
}

/**
 * The gradient at the convolution's input, from `gradient` (its output's) to `result`; also a transposed
 * convolution forward. One plan for each phase of the stride, so that every number is written once. Where
 * a pixel has few channels, a whole stride of pixels is computed as if it were one with more.
 */
export function planInputGradient(shape: ConvolutionShape, gradient: Picture, result: Picture): GatherPlan[] {
  const { strideHeight, strideWidth, inHeight, inWidth, inChannels } = shape;
  const merges = strideWidth > 1 && strideWidth * inChannels <= 8 && inWidth % strideWidth === 0;
  const plans: GatherPlan[] = [];
  for (let phaseRow = 0; phaseRow < Math.min(strideHeight, inHeight); phaseRow++) {
    const phaseOf = (first: number, count: number) =>
      planPhase(shape, { row: phaseRow, firstColumn: first, columns: count }, { gradient, result });
    if (merges) plans.push(phaseOf(0, strideWidth));
    else
      for (let column = 0; column < Math.min(strideWidth, inWidth); column++) plans.push(phaseOf(column, 1));
  }
  return plans;
}

/** The pixels whose row is `row`, and column one of `columns` from `firstColumn` on, modulo the stride. */
function planPhase(
  shape: ConvolutionShape,
  phase: { readonly row: number; readonly firstColumn: number; readonly columns: number },
  { gradient, result }: { gradient: Picture; result: Picture },
): GatherPlan {
  const { strideHeight, strideWidth, inChannels } = shape;
  const rows = phaseTaps(phase.row + shape.padTop, shape.kernelHeight, shape.dilationHeight, strideHeight);
  const tapsOf = (column: number) =>
    phaseTaps(
      phase.firstColumn + column + shape.padLeft,
      shape.kernelWidth,
      shape.dilationWidth,
      strideWidth,
    );
  const tapsOfColumns = Array.from({ length: phase.columns }, (_, column) => tapsOf(column));
  const offsets = [...new Set(tapsOfColumns.flat().map(({ offset }) => offset))].sort((a, b) => a - b);
  const columns = offsets.map((offset) => ({ kernel: -1, offset }));
  return {
    height: Math.ceil((shape.inHeight - phase.row) / strideHeight),
    width: Math.ceil((shape.inWidth - phase.firstColumn) / strideWidth),
    ...layTaps({ rows, columns, picture: gradient }),
    inRow: gradient.rowFloats,
    inPixel: gradient.channels,
    outOffset: phase.row * result.rowFloats + phase.firstColumn * result.channels,
    outRow: strideHeight * result.rowFloats,
    outPixel: strideWidth * result.channels,
    ...pack({
      rows,
      columns,
      inner: shape.outChannels,
      channels: phase.columns * inChannels,
      indexOf(ky, { offset }, output, lane) {
        const kx = tapsOfColumns[Math.floor(lane / inChannels)].find((tap) => tap.offset === offset);
        return kx ? filterIndex(shape, ky.kernel, kx.kernel, lane % inChannels, output) : -1;
      },
    }),
  };
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
  const rows = forwardTaps(shape.kernelHeight, shape.dilationHeight, shape.padTop);
  const columns = forwardTaps(shape.kernelWidth, shape.dilationWidth, shape.padLeft);
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

function forwardTaps(kernel: number, dilation: number, pad: number): Tap[] {
  return Array.from({ length: kernel }, (_, index) => ({ kernel: index, offset: index * dilation - pad }));
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

/** One segment a row where its taps are neighbours, else one a tap. */
function layTaps({ rows, columns, picture }: { rows: Tap[]; columns: Tap[]; picture: Picture }) {
  const neighbours = columns.every(
    (tap, index) => index === 0 || tap.offset === columns[index - 1].offset + 1,
  );
  const heads = neighbours ? columns.slice(0, 1) : columns;
  return {
    segments: rows.flatMap((row) =>
      heads.map((column) => row.offset * picture.rowFloats + column.offset * picture.channels),
    ),
    run: (neighbours ? columns.length : 1) * picture.channels,
  };
}

function filterIndex(shape: ConvolutionShape, ky: number, kx: number, input: number, output: number): number {
  return ((ky * shape.kernelWidth + kx) * shape.inChannels + input) * shape.outChannels + output;
}

interface PackingRequest {
  readonly rows: readonly Tap[];
  readonly columns: readonly Tap[];
  /** Channels that are summed over. */
  readonly inner: number;
  /** Channels that come out. */
  readonly channels: number;
  readonly indexOf: (ky: Tap, kx: Tap, inner: number, channel: number) => number;
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

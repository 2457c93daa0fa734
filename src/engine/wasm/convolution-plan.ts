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
  readonly channels: number;
  /** [⌈channels/8⌉][segments][run][8]: which float of the filter stands there, −1 for none. */
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
    channels: shape.outChannels,
    packing: packing({
      rows,
      columns,
      inner: shape.inChannels,
      channels: shape.outChannels,
      indexOf: (ky, kx, input, output) =>
        ((ky * shape.kernelWidth + kx) * shape.inChannels + input) * shape.outChannels + output,
    }),
  };
}

/**
 * The gradient at the convolution's input, from `gradient` (its output's) to `result`; also a transposed
 * convolution forward. One plan for each phase of the stride, so that every number is written once.
 */
export function planInputGradient(shape: ConvolutionShape, gradient: Picture, result: Picture): GatherPlan[] {
  const plans: GatherPlan[] = [];
  for (let phaseRow = 0; phaseRow < Math.min(shape.strideHeight, shape.inHeight); phaseRow++) {
    for (let phaseColumn = 0; phaseColumn < Math.min(shape.strideWidth, shape.inWidth); phaseColumn++) {
      const rows = phaseTaps(
        phaseRow + shape.padTop,
        shape.kernelHeight,
        shape.dilationHeight,
        shape.strideHeight,
      );
      const columns = phaseTaps(
        phaseColumn + shape.padLeft,
        shape.kernelWidth,
        shape.dilationWidth,
        shape.strideWidth,
      );
      plans.push({
        height: Math.ceil((shape.inHeight - phaseRow) / shape.strideHeight),
        width: Math.ceil((shape.inWidth - phaseColumn) / shape.strideWidth),
        ...layTaps({ rows, columns, picture: gradient }),
        inRow: gradient.rowFloats,
        inPixel: gradient.channels,
        outOffset: phaseRow * result.rowFloats + phaseColumn * result.channels,
        outRow: shape.strideHeight * result.rowFloats,
        outPixel: shape.strideWidth * result.channels,
        channels: shape.inChannels,
        packing: packing({
          rows,
          columns,
          inner: shape.outChannels,
          channels: shape.inChannels,
          indexOf: (ky, kx, output, input) =>
            ((ky * shape.kernelWidth + kx) * shape.inChannels + input) * shape.outChannels + output,
        }),
      });
    }
  }
  return plans;
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

interface PackingRequest {
  readonly rows: readonly Tap[];
  readonly columns: readonly Tap[];
  readonly inner: number;
  readonly channels: number;
  readonly indexOf: (ky: number, kx: number, inner: number, channel: number) => number;
}

function packing({ rows, columns, inner, channels, indexOf }: PackingRequest): Int32Array {
  const panels = Math.ceil(channels / 8);
  const table = new Int32Array(panels * rows.length * columns.length * inner * 8);
  let at = 0;
  for (let panel = 0; panel < panels; panel++) {
    for (const row of rows) {
      for (const column of columns) {
        for (let index = 0; index < inner; index++) {
          for (let channel = panel * 8; channel < panel * 8 + 8; channel++) {
            table[at++] = channel < channels ? indexOf(row.kernel, column.kernel, index, channel) : -1;
          }
        }
      }
    }
  }
  return table;
}

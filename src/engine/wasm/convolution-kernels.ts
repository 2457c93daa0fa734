// Conv2DBackpropFilter and Conv2DBackpropInput for tfjs's wasm backend. A sample at a time is copied
// into a picture with zeros around it, so that no tile has to know of borders, and scratch stays small.
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import {
  type ConvolutionShape,
  forwardHalo,
  inputGradientHalo,
  NO_HALO,
  Picture,
  planFilterGradient,
  planInputGradient,
} from './convolution-plan.ts';
import {
  correlateWords,
  GATHER_OUT,
  gatherWords,
  type Placed,
  partOffsets,
  SCRATCH_BYTES,
  SLACK_BYTES,
} from './operations.ts';
import type { Workspace } from './tfjs-workspace.ts';

export interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad:
    | 'same'
    | 'valid'
    | number
    | [[number, number], [number, number], [number, number], [number, number]];
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  /** tfjs's own gradients know only 1; who calls the kernel by name may dilate. */
  readonly dilations?: number | [number, number];
}
type Shape4 = [number, number, number, number];

interface Convolution {
  readonly key: string;
  readonly batch: number;
  readonly shape: ConvolutionShape;
}

/** Gradient at the filter [kh, kw, in, out] from x [n, h, w, in] and dy [n, h', w', out]. */
export function filterGradient(
  workspace: Workspace,
  inputs: { x: TensorInfo; dy: TensorInfo },
  attributes: ConvolutionAttributes & { filterShape: Shape4 },
): TensorInfo {
  const { x, dy } = inputs;
  const convolution = describe(x.shape as Shape4, attributes.filterShape, attributes);
  const { batch, shape, key } = convolution;
  const { kernels } = workspace;
  const program = workspace.keep(`filter ${key}`, () => makeFilterGradient(workspace, shape));
  const output = workspace.makeOutput([...attributes.filterShape]);
  const rows = shape.kernelHeight * shape.kernelWidth * shape.inChannels;
  kernels.clear(program.sum, program.sumBytes);
  const xSampleBytes = shape.inHeight * shape.inWidth * shape.inChannels * 4;
  const ySampleBytes = shape.outHeight * shape.outWidth * shape.outChannels * 4;
  for (let sample = 0; sample < batch; sample++) {
    program.input.copyIn(workspace.addressOf(x) + sample * xSampleBytes);
    program.gradient.copyIn(workspace.addressOf(dy) + sample * ySampleBytes);
    kernels.correlate(program.operation, 0, 1, 0);
  }
  kernels.unpackPanels(program.sum, rows, shape.outChannels, workspace.addressOf(output));
  return output;
}

/** Gradient at the input [n, h, w, in] from dy [n, h', w', out]: also a transposed convolution forward. */
export function inputGradient(
  workspace: Workspace,
  inputs: { dy: TensorInfo; filter: TensorInfo },
  attributes: ConvolutionAttributes & { inputShape: Shape4 },
): TensorInfo {
  const { dy, filter } = inputs;
  const { batch, shape, key } = describe(attributes.inputShape, filter.shape as Shape4, attributes);
  const { kernels } = workspace;
  const program = workspace.keep(`input ${key}`, () => makeInputGradient(workspace, shape));
  const output = workspace.makeOutput([...attributes.inputShape]);
  const filterAddress = workspace.addressOf(filter);
  for (const { table, count, weights } of program.packs) kernels.pick(filterAddress, table, count, weights);
  const xSampleBytes = shape.inHeight * shape.inWidth * shape.inChannels * 4;
  const ySampleBytes = shape.outHeight * shape.outWidth * shape.outChannels * 4;
  for (let sample = 0; sample < batch; sample++) {
    program.gradient.copyIn(workspace.addressOf(dy) + sample * ySampleBytes);
    for (const { operation, outOffset } of program.phases) {
      workspace.setWords(operation + GATHER_OUT, [
        workspace.addressOf(output) + sample * xSampleBytes + outOffset,
      ]);
      kernels.gather(operation, 0, 1);
    }
  }
  return output;
}

function describe(inputShape: Shape4, filterShape: Shape4, attributes: ConvolutionAttributes): Convolution {
  if (attributes.dataFormat === 'NCHW') {
    throw new Error("the wasm backend computes gradients of convolutions in 'NHWC' only; transpose to it");
  }
  const info = backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    false,
    'channelsLast',
  );
  const shape: ConvolutionShape = {
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: filterShape[0],
    kernelWidth: filterShape[1],
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
  return { key: Object.values(shape).join(), batch: info.batchSize, shape };
}

/** A picture in scratch memory, its halo zero for good, that samples are copied into. */
function makePicture(workspace: Workspace, picture: Picture) {
  const bytes = picture.sampleFloats * 4 + SLACK_BYTES;
  const at = workspace.allocate(bytes);
  workspace.kernels.clear(at, bytes);
  const rowBytes = picture.width * picture.channels * 4;
  const placed: Placed = { at, sampleBytes: bytes, picture, batchWide: false };
  return {
    placed,
    copyIn(from: number): void {
      const to = at + picture.origin * 4;
      workspace.kernels.copyRows(from, rowBytes, to, picture.rowFloats * 4, picture.height, rowBytes);
    },
  };
}

function placeSegments(workspace: Workspace, segments: readonly number[]): number {
  return workspace.place(segments.map((floats) => floats * 4));
}

function makeFilterGradient(workspace: Workspace, shape: ConvolutionShape) {
  const picture = new Picture(shape.inHeight, shape.inWidth, shape.inChannels, forwardHalo(shape));
  const plan = planFilterGradient(shape, picture);
  const input = makePicture(workspace, picture);
  const gradient = makePicture(
    workspace,
    new Picture(shape.outHeight, shape.outWidth, shape.outChannels, NO_HALO),
  );
  const rows = shape.kernelHeight * shape.kernelWidth * shape.inChannels;
  const sumBytes = Math.ceil(shape.outChannels / 8) * rows * 32;
  const sum = workspace.allocate(sumBytes);
  const table = placeSegments(workspace, plan.segments);
  const words = correlateWords({ plan, x: input.placed, y: gradient.placed, table, sum });
  return { input, gradient, sum, sumBytes, operation: workspace.place(words) };
}

function makeInputGradient(workspace: Workspace, shape: ConvolutionShape) {
  const picture = new Picture(shape.outHeight, shape.outWidth, shape.outChannels, inputGradientHalo(shape));
  const result = new Picture(shape.inHeight, shape.inWidth, shape.inChannels, NO_HALO);
  const gradient = makePicture(workspace, picture);
  const startBytes = Math.ceil(shape.inChannels / 8) * 32;
  const start = workspace.allocate(startBytes);
  workspace.kernels.clear(start, startBytes);
  const scratch = workspace.allocate(SCRATCH_BYTES);
  const packs: { table: number; count: number; weights: number }[] = [];
  const phases = planInputGradient(shape, picture, result).map((plan) => {
    const weights = workspace.allocate(plan.packing.length * 4);
    packs.push({ table: workspace.place(plan.packing), count: plan.packing.length, weights });
    const words = gatherWords({
      plan,
      x: gradient.placed,
      // Where the output lies is set at each call.
      out: { at: 0, sampleBytes: 0, picture: result, batchWide: false },
      mask: null,
      table: placeSegments(workspace, plan.segments),
      parts: workspace.place(partOffsets(plan, result, null)),
      weights,
      start,
      relu: false,
      scratch,
    });
    return { operation: workspace.place(words), outOffset: plan.outOffset * 4 };
  });
  return { gradient, packs, phases };
}

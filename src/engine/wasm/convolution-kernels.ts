// Convolutions and their gradients for tfjs's wasm backend.
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import {
  type ConvolutionShape,
  forwardHalo,
  inputGradientHalo,
  NO_HALO,
  Picture,
  planFilterGradient,
  planForward,
  planInputGradient,
} from './convolution-plan.ts';
import { ConvolutionProgram } from './convolution-program.ts';
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

/** What tfjs fuses with a convolution, by `tf.fused.conv2d`. */
export interface FusedAttributes {
  readonly activation?: string | null;
}

/** Whether our convolution computes it too, and how; null where tfjs's own must. */
export function fusesWith(
  inputs: Partial<Record<'x' | 'filter' | 'bias' | 'preluActivationWeights', TensorInfo>>,
  { dataFormat, activation }: ConvolutionAttributes & FusedAttributes,
): { relu: boolean } | null {
  const { x, filter, bias, preluActivationWeights } = inputs;
  if (dataFormat !== 'NHWC' || x?.dtype !== 'float32' || preluActivationWeights) return null;
  if (bias && !(bias.shape.length === 1 && bias.shape[0] === filter?.shape[3])) return null;
  if (activation === 'relu') return { relu: true };
  return !activation || activation === 'linear' ? { relu: false } : null;
}

/** x [n, h, w, in] convolved by filter [kh, kw, in, out], plus `bias` [out], rectified where `relu`. */
export function convolve(
  workspace: Workspace,
  inputs: { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo },
  attributes: ConvolutionAttributes & { relu?: boolean },
): TensorInfo {
  const { x, filter, bias } = inputs;
  const { batch, shape, key } = describe(x.shape as Shape4, filter.shape as Shape4, attributes);
  const relu = attributes.relu ?? false;
  const program = workspace.keep(`forward ${key} ${relu}`, () => makeForward(workspace, shape, relu));
  const output = workspace.makeOutput([batch, shape.outHeight, shape.outWidth, shape.outChannels]);
  const { kernels } = workspace;
  if (bias) kernels.copyRows(workspace.addressOf(bias), 0, program.start, 0, 1, shape.outChannels * 4);
  else kernels.clear(program.start, shape.outChannels * 4);
  program.pack(workspace.addressOf(filter));
  program.run([x, output], batch);
  return output;
}

/** Gradient at the filter [kh, kw, in, out] from x [n, h, w, in] and dy [n, h', w', out]. */
export function filterGradient(
  workspace: Workspace,
  inputs: { x: TensorInfo; dy: TensorInfo },
  attributes: ConvolutionAttributes & { filterShape: Shape4 },
): TensorInfo {
  const { x, dy } = inputs;
  const { batch, shape, key } = describe(x.shape as Shape4, attributes.filterShape, attributes);
  const program = workspace.keep(`filter ${key}`, () => makeFilterGradient(workspace, shape));
  const output = workspace.makeOutput([...attributes.filterShape]);
  const rows = shape.kernelHeight * shape.kernelWidth * shape.inChannels;
  const { kernels } = workspace;
  kernels.clear(program.sum, program.sumBytes);
  program.run([x, dy], batch);
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
  const program = workspace.keep(`input ${key}`, () => makeInputGradient(workspace, shape));
  const output = workspace.makeOutput([...attributes.inputShape]);
  program.pack(workspace.addressOf(filter));
  program.run([dy, output], batch);
  return output;
}

function describe(inputShape: Shape4, filterShape: Shape4, attributes: ConvolutionAttributes) {
  if (attributes.dataFormat === 'NCHW') {
    throw new Error(
      "the wasm backend computes convolutions by these kernels in 'NHWC' only; transpose to it",
    );
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

function makeForward(workspace: Workspace, shape: ConvolutionShape, relu: boolean) {
  const { input, output } = extents(shape);
  const program = new ConvolutionProgram(workspace, shape);
  const x = program.read(0, new Picture(...input, forwardHalo(shape)));
  const result = new Picture(...output, NO_HALO);
  return program.gather([planForward(shape, x.placed.picture, result)], { x, result, relu });
}

function makeInputGradient(workspace: Workspace, shape: ConvolutionShape) {
  const { input, output } = extents(shape);
  const program = new ConvolutionProgram(workspace, shape);
  const x = program.read(0, new Picture(...output, inputGradientHalo(shape)));
  const result = new Picture(...input, NO_HALO);
  return program.gather(planInputGradient(shape, x.placed.picture, result), { x, result, relu: false });
}

function makeFilterGradient(workspace: Workspace, shape: ConvolutionShape) {
  const { input, output } = extents(shape);
  const program = new ConvolutionProgram(workspace, shape);
  const x = program.read(0, new Picture(...input, forwardHalo(shape)));
  // A panel reads 8 channels at a time: beyond the last ones, unless they come out even.
  const y = program.read(1, new Picture(...output, NO_HALO), shape.outChannels % 8 > 0);
  return program.correlate(planFilterGradient(shape, x.placed.picture), { x, y });
}

function extents(shape: ConvolutionShape) {
  return {
    input: [shape.inHeight, shape.inWidth, shape.inChannels] as const,
    output: [shape.outHeight, shape.outWidth, shape.outChannels] as const,
  };
}

// BatchMatMul with transposed operands for tfjs's wasm backend, whose own walks such matrices naively.
import { broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type GatherPlan, NO_HALO, Picture } from './convolution-plan.ts';
import { gatherWords, type Placed, SCRATCH_BYTES } from './operations.ts';
import type { Workspace } from './tfjs-workspace.ts';

export interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** a [..., m, k] · b [..., k, n] → [..., m, n]; either may be stored transposed; leading axes broadcast. */
export function multiplyMatrices(
  workspace: Workspace,
  inputs: { a: TensorInfo; b: TensorInfo },
  attributes: MatMulAttributes,
): TensorInfo {
  const { a, b } = inputs;
  const { transposeA, transposeB } = attributes;
  if (a.dtype !== 'float32' || b.dtype !== 'float32')
    throw new Error('the wasm backend multiplies float32 matrices only');
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const m = transposeA ? aColumns : aRows;
  const k = transposeA ? aRows : aColumns;
  const n = transposeB ? bRows : bColumns;
  const inner = transposeB ? bColumns : bRows;
  util.assert(
    k === inner,
    () => `matMul: inner lengths ${k} and ${inner} differ (shapes ${a.shape} and ${b.shape})`,
  );
  const outer = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const output = workspace.makeOutput([...outer, m, n]);
  const panelBytes = k * 32;
  const panels = workspace.allocate(Math.ceil(n / 8) * panelBytes);
  const turned = transposeA ? workspace.allocate(m * k * 4) : 0;
  const start = workspace.allocate(Math.ceil(n / 8) * 32);
  workspace.kernels.clear(start, Math.ceil(n / 8) * 32);
  const scratch = workspace.allocate(SCRATCH_BYTES);
  const table = workspace.place([0]);
  const { kernels } = workspace;
  for (let index = 0; index < util.sizeFromShape(outer); index++) {
    const aAt = workspace.addressOf(a) + broadcastIndex(index, outer, a.shape) * m * k * 4;
    const bAt = workspace.addressOf(b) + broadcastIndex(index, outer, b.shape) * k * n * 4;
    if (transposeA) kernels.transpose(aAt, k, m, turned);
    kernels.packPanels(bAt, transposeB ? 4 : n * 4, transposeB ? k * 4 : 4, k, n, panels);
    const operation = workspace.place(
      gatherWords({
        plan: rowsTimesPanels(m, k, n),
        x: matrixAt(transposeA ? turned : aAt, m, k),
        out: matrixAt(workspace.addressOf(output) + index * m * n * 4, m, n),
        mask: null,
        table,
        parts: 0,
        weights: panels,
        start,
        relu: false,
        scratch,
      }),
    );
    kernels.gather(operation, 0, 1);
    workspace.release(operation);
  }
  for (const address of [table, scratch, start, panels]) workspace.release(address);
  if (transposeA) workspace.release(turned);
  return output;
}

/** A matrix product is a 1 × 1 convolution of a picture that is one row of m pixels. */
function rowsTimesPanels(m: number, k: number, n: number): GatherPlan {
  return {
    height: 1,
    width: m,
    segments: [0],
    run: k,
    inRow: 0,
    inPixel: k,
    outOffset: 0,
    outRow: m * n,
    outPixel: n,
    channels: n,
    partRows: [0],
    panel: 8,
    packing: new Int32Array(0),
  };
}

function matrixAt(at: number, rows: number, columns: number): Placed {
  return { at, sampleBytes: 0, picture: new Picture(1, rows, columns, NO_HALO), batchWide: false };
}

/** Which matrix of an operand with leading axes of length 1 (or none) belongs to matrix `index` of the output. */
function broadcastIndex(index: number, outer: readonly number[], shape: readonly number[]): number {
  let rest = index;
  let stride = 1;
  let result = 0;
  for (let back = 1; back <= outer.length; back++) {
    const place = rest % outer[outer.length - back];
    rest = Math.floor(rest / outer[outer.length - back]);
    const length = shape.length - 2 - back >= 0 ? shape[shape.length - 2 - back] : 1;
    if (length > 1) result += place * stride;
    stride *= length;
  }
  return result;
}

// Sum over leading axes for tfjs's wasm backend: bias gradients, and the sum of all numbers. tfjs's own
// transposes first, and adds number by number in float32.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Workspace } from './tfjs-workspace.ts';

export interface SumAttributes {
  readonly axis: number | number[];
  readonly keepDims: boolean;
}

/** How many axes, all in front, are summed over; 0 where they are others, or the numbers no float32. */
export function leadingAxes(x: TensorInfo, { axis }: SumAttributes): number {
  if (x.dtype !== 'float32') return 0;
  const axes = [...util.parseAxisParam(axis, x.shape)].sort((a, b) => a - b);
  return axes.every((value, index) => value === index) ? axes.length : 0;
}

/** @param summed how many axes, from the first on. */
export function sumLeadingAxes(
  workspace: Workspace,
  x: TensorInfo,
  { summed, keepDims }: { summed: number; keepDims: boolean },
): TensorInfo {
  const rest = x.shape.slice(summed);
  const output = workspace.makeOutput(keepDims ? [...x.shape.slice(0, summed).fill(1), ...rest] : rest);
  const totals = workspace.keep('totals', () => workspace.allocate(64));
  workspace.kernels.sumColumns(
    workspace.addressOf(x),
    util.sizeFromShape(x.shape.slice(0, summed)),
    util.sizeFromShape(rest),
    workspace.addressOf(output),
    totals,
  );
  return output;
}

import type { Matrix } from '../../../../src/ml/matrix.ts';
import golden from '../../../golden/ml/projection.json' with { type: 'json' };

export { golden };

export function toMatrix(rows: readonly (readonly number[])[]): Matrix {
  return { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0].length };
}

export const train = toMatrix(golden.train);
export const test = toMatrix(golden.test);

/** Never lets the event loop in: for inputs of a few milliseconds. */
export async function noPause(): Promise<void> {}

export function sliceRows({ data, columns }: Matrix, from: number, to: number): Matrix {
  return { data: data.slice(from * columns, to * columns), rows: to - from, columns };
}

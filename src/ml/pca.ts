import { decomposeLargest, type SymmetricMatrix } from './eigen.ts';
import type { Matrix } from './matrix.ts';

/** Principal components of the rows of a matrix. */
export interface PrincipalComponents {
  /** The mean row. */
  readonly mean: Float64Array;
  /** One orthonormal component a row, by falling variance; the element of largest size is positive. */
  readonly components: Matrix;
  /** Variance along each component (divided by rows − 1). */
  readonly variances: Float64Array;
  /** Sum of the variances along all directions, those left out included. */
  readonly totalVariance: number;
}

/** Directions with less than this share of the largest variance are rounding, and left out. */
const NEGLIGIBLE_SHARE = 1e-12;

/**
 * The first `count` principal components; fewer where the data has fewer directions (all rows equal: none).
 * Works on the smaller of covariance (columns²) and Gram matrix (rows²), which must fit into memory.
 */
export function fitPrincipalComponents(data: Matrix, count: number): PrincipalComponents {
  const { mean, centred } = centreRows(data);
  const byRows = data.rows < data.columns;
  const products = byRows ? multiplyRows(centred) : multiplyRows(transpose(centred));
  const divisor = Math.max(1, data.rows - 1);
  let trace = 0;
  for (let at = 0; at < products.size; at++) trace += products.data[at * products.size + at];
  const { values, vectors } = decomposeLargest(products, Math.min(count, products.size));
  const kept = values.filter((value) => value > NEGLIGIBLE_SHARE * values[0] && value > 0).length;
  const components = new Float64Array(kept * data.columns);
  for (let rank = 0; rank < kept; rank++) {
    const vector = vectors.subarray(rank * products.size, (rank + 1) * products.size);
    const component = components.subarray(rank * data.columns, (rank + 1) * data.columns);
    if (byRows) combineRows(centred, vector, component);
    else component.set(vector);
    orient(component);
  }
  return {
    mean,
    components: { data: components, rows: kept, columns: data.columns },
    variances: Float64Array.from({ length: kept }, (_, rank) => values[rank] / divisor),
    totalVariance: trace / divisor,
  };
}

/** Coordinates of rows along the components: rows × components. */
export function projectOnComponents({ mean, components }: PrincipalComponents, data: Matrix): Matrix {
  const scores = new Float64Array(data.rows * components.rows);
  for (let row = 0; row < data.rows; row++) {
    for (let rank = 0; rank < components.rows; rank++) {
      let sum = 0;
      for (let column = 0; column < data.columns; column++) {
        const value = data.data[row * data.columns + column] - mean[column];
        sum += value * components.data[rank * data.columns + column];
      }
      scores[row * components.rows + rank] = sum;
    }
  }
  return { data: scores, rows: data.rows, columns: components.rows };
}

/** The rows that coordinates along the components stand for: mean + scores · components. */
export function reconstructFromComponents({ mean, components }: PrincipalComponents, scores: Matrix): Matrix {
  const { columns } = components;
  const rows = new Float64Array(scores.rows * columns);
  for (let row = 0; row < scores.rows; row++) {
    const out = rows.subarray(row * columns, (row + 1) * columns);
    out.set(mean);
    for (let rank = 0; rank < components.rows; rank++) {
      const score = scores.data[row * components.rows + rank];
      for (let column = 0; column < columns; column++)
        out[column] += score * components.data[rank * columns + column];
    }
  }
  return { data: rows, rows: scores.rows, columns };
}

function centreRows({ data, rows, columns }: Matrix): { mean: Float64Array; centred: Matrix } {
  const mean = new Float64Array(columns);
  for (let at = 0; at < rows * columns; at++) mean[at % columns] += data[at];
  for (let column = 0; column < columns; column++) mean[column] /= Math.max(1, rows);
  const centred = Float64Array.from({ length: rows * columns }, (_, at) => data[at] - mean[at % columns]);
  return { mean, centred: { data: centred, rows, columns } };
}

function transpose({ data, rows, columns }: Matrix): Matrix {
  const turned = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = data[row * columns + column];
  }
  return { data: turned, rows: columns, columns: rows };
}

/** M Mᵀ. */
function multiplyRows({ data, rows, columns }: Matrix): SymmetricMatrix {
  const products = new Float64Array(rows * rows);
  for (let one = 0; one < rows; one++) {
    const first = data.subarray(one * columns, (one + 1) * columns);
    for (let other = 0; other <= one; other++) {
      const second = data.subarray(other * columns, (other + 1) * columns);
      let sum = 0;
      for (let column = 0; column < columns; column++) sum += first[column] * second[column];
      products[one * rows + other] = sum;
      products[other * rows + one] = sum;
    }
  }
  return { data: products, size: rows };
}

/** Mᵀ v, normalised: an eigenvector of the Gram matrix becomes a component. */
function combineRows({ data, rows, columns }: Matrix, vector: Float64Array, out: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      out[column] += vector[row] * data[row * columns + column];
  }
  const length = Math.sqrt(out.reduce((sum, value) => sum + value * value, 0));
  for (let column = 0; column < columns; column++) out[column] /= length;
}

/** Of a component and its opposite, the one whose largest element is positive (the first of equals). */
function orient(component: Float64Array): void {
  let largest = 0;
  for (const value of component) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) for (let at = 0; at < component.length; at++) component[at] = -component[at];
}

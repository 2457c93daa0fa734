import { exp, log } from '../../core/pinned-math.ts';
import type { Matrix } from '../matrix.ts';
import { findNeighbours, squaredDistance } from './neighbours.ts';

/**
 * t-SNE's joint probabilities p_ij = (p_j|i + p_i|j) / 2n (van der Maaten and Hinton 2008, section 3), by
 * rows: those of row i are `values[starts[i] … starts[i + 1])`, at `columns`, ascending. They sum to 1.
 */
export interface Affinities {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Bisection ends when the entropy is this near its target; scikit-learn's bound is 1e-5. */
const ENTROPY_TOLERANCE = 1e-10;
const MAX_BISECTIONS = 100;

/** Affinities of every pair. */
export async function computeAllAffinities(
  data: Matrix,
  perplexity: number,
  pause: () => Promise<void>,
): Promise<Affinities> {
  const n = data.rows;
  const conditional = new Float64Array(n * n);
  const row = new Float64Array(n - 1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (j !== i) row[j < i ? j : j - 1] = squaredDistance(data, i, data, j);
    weighByPerplexity(row, perplexity);
    for (let j = 0; j < n; j++) if (j !== i) conditional[i * n + j] = row[j < i ? j : j - 1];
    await pause();
  }
  const starts = Int32Array.from({ length: n + 1 }, (_, i) => i * (n - 1));
  const columns = new Int32Array(n * (n - 1));
  const values = new Float64Array(n * (n - 1));
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      columns[at] = j;
      values[at++] = (conditional[i * n + j] + conditional[j * n + i]) / (2 * n);
    }
  }
  return { starts, columns, values };
}

/** Affinities of the 3 · perplexity nearest neighbours, all others 0 (van der Maaten 2014, section 4.1). */
export async function computeNearAffinities(
  data: Matrix,
  perplexity: number,
  pause: () => Promise<void>,
): Promise<Affinities> {
  const count = Math.min(data.rows - 1, Math.floor(3 * perplexity));
  const near = await findNeighbours({ queries: data, reference: data, count, excludeSelf: true, pause });
  const conditional = near.distances.map((distance) => distance * distance);
  for (let i = 0; i < data.rows; i++) {
    weighByPerplexity(conditional.subarray(i * count, (i + 1) * count), perplexity);
  }
  return symmetrise(near.indices, conditional, count);
}

/**
 * Turns the squared distances of one row into p_j|i of a Gaussian whose precision gives 2^entropy =
 * perplexity, found by bisection. Where equal distances allow no such precision, the nearest to it.
 */
function weighByPerplexity(row: Float64Array, perplexity: number): void {
  let least = Number.POSITIVE_INFINITY;
  let mean = 0;
  for (const squared of row) {
    least = Math.min(least, squared);
    mean += squared / row.length;
  }
  const excess = row.map((squared) => squared - least); // the factor e^(β·least) cancels
  const target = log(perplexity);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let precision = mean > least ? 1 / (mean - least) : 1;
  for (let round = 0; round < MAX_BISECTIONS; round++) {
    const entropy = weigh(excess, precision, row);
    if (Math.abs(entropy - target) < ENTROPY_TOLERANCE) break;
    if (entropy > target) low = precision;
    else high = precision;
    precision = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
  }
}

/** p_j ∝ e^(−β·excess_j) into `out`; @returns their entropy in nats. */
function weigh(excess: Float64Array, precision: number, out: Float64Array): number {
  let sum = 0;
  let moment = 0;
  for (let j = 0; j < excess.length; j++) {
    const weight = exp(-precision * excess[j]);
    out[j] = weight;
    sum += weight;
    moment += weight * excess[j];
  }
  for (let j = 0; j < excess.length; j++) out[j] /= sum;
  return log(sum) + (precision * moment) / sum;
}

/** (P + Pᵀ) / 2n of a table with `count` entries a row. */
function symmetrise(indices: Int32Array, conditional: Float64Array, count: number): Affinities {
  const n = indices.length / count;
  const rows = Array.from({ length: n }, () => new Map<number, number>());
  for (let i = 0; i < n; i++) {
    for (let at = i * count; at < (i + 1) * count; at++) {
      const j = indices[at];
      const share = conditional[at] / (2 * n);
      rows[i].set(j, (rows[i].get(j) ?? 0) + share);
      rows[j].set(i, (rows[j].get(i) ?? 0) + share);
    }
  }
  const starts = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) starts[i + 1] = starts[i] + rows[i].size;
  const columns = new Int32Array(starts[n]);
  const values = new Float64Array(starts[n]);
  rows.forEach((row, i) => {
    columns.set(Int32Array.from(row.keys()).sort(), starts[i]);
    for (let at = starts[i]; at < starts[i + 1]; at++) values[at] = row.get(columns[at])!;
  });
  return { starts, columns, values };
}

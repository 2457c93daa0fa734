import { pow } from '../../core/pinned-math.ts';
import type { Matrix } from '../matrix.ts';
import { squaredDistance } from '../nearest-centre.ts';

/**
 * q_ij ∝ (1 + ‖z_i − μ_j‖² / α)^(−(α + 1) / 2), normalised over j: how much item i belongs to cluster j
 * (the study's 2.3; Student's t kernel, DEC).
 * @param z [n, d]. @param mu [k, d]. @returns q [n, k], float64.
 */
export function softAssignment(z: Matrix, mu: Matrix, alpha: number): Matrix {
  const q = new Float64Array(z.rows * mu.rows);
  for (let i = 0; i < z.rows; i++) {
    let total = 0;
    for (let j = 0; j < mu.rows; j++) {
      const similarity = studentKernel(squaredDistance(z, i, mu, j), alpha);
      q[i * mu.rows + j] = similarity;
      total += similarity;
    }
    for (let j = 0; j < mu.rows; j++) q[i * mu.rows + j] /= total;
  }
  return { data: q, rows: z.rows, columns: mu.rows };
}

function studentKernel(squared: number, alpha: number): number {
  return alpha === 1 ? 1 / (1 + squared) : pow(1 + squared / alpha, -(alpha + 1) / 2);
}

/** f_j = Σ_i q_ij: the soft size of each cluster, [k]. */
export function softFrequencies(q: Matrix): Float64Array {
  const frequencies = new Float64Array(q.columns);
  for (let i = 0; i < q.rows; i++) {
    for (let j = 0; j < q.columns; j++) frequencies[j] += q.data[i * q.columns + j];
  }
  return frequencies;
}

/**
 * p_ij = (q_ij² / f_j) / Σ_j' (q_ij'² / f_j'): q sharpened, and clusters evened (2.5, where the study
 * prints f_j in the sum). Over the whole set that q is of. @returns p [n, k], float64.
 */
export function targetDistribution(q: Matrix): Matrix {
  const f = softFrequencies(q);
  const p = new Float64Array(q.data.length);
  for (let i = 0; i < q.rows; i++) {
    let total = 0;
    for (let j = 0; j < q.columns; j++) {
      const belongs = q.data[i * q.columns + j];
      const weight = belongs > 0 ? (belongs * belongs) / f[j] : 0;
      p[i * q.columns + j] = weight;
      total += weight;
    }
    for (let j = 0; j < q.columns; j++) p[i * q.columns + j] /= total;
  }
  return { data: p, rows: q.rows, columns: q.columns };
}

/** The cluster of each item: the column with the largest q, the first of equals. [n] */
export function hardAssignments(q: Matrix): Uint32Array {
  return Uint32Array.from({ length: q.rows }, (_, i) => {
    let largest = 0;
    for (let j = 1; j < q.columns; j++) {
      if (q.data[i * q.columns + j] > q.data[i * q.columns + largest]) largest = j;
    }
    return largest;
  });
}

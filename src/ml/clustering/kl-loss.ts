import { log } from '../../core/pinned-math.ts';
import type { Matrix } from '../matrix.ts';
import { squaredDistance } from '../nearest-centre.ts';
import { softAssignment } from './soft-assignment.ts';

/** Below this q counts as this (METHODS; Keras's epsilon), so that log q stays finite. */
export const Q_FLOOR = 1e-7;

/** Mean over items of Σ_j p_ij ln(p_ij / q_ij), with q clipped at `Q_FLOOR` and 0 ln 0 = 0; both [n, k]. */
export function klDivergence(p: Matrix, q: Matrix): number {
  let sum = 0;
  for (let index = 0; index < p.data.length; index++) {
    const target = p.data[index];
    if (target !== 0) sum += target * log(target / Math.max(q.data[index], Q_FLOOR));
  }
  return sum / p.rows;
}

export interface KlLoss {
  /** The mean over the items. */
  readonly value: number;
  /** d value / dz, [n, d] row-major. */
  readonly embeddingGradient: Float64Array;
  /** d value / dμ, [k, d] row-major. */
  readonly centreGradient: Float64Array;
}

/**
 * KL(p ‖ q(z, μ)) and its gradients, p held constant. With w_ij = (1 + ‖z_i − μ_j‖² / α)^−1 they are
 * dL/dz_i = (α + 1) / (α n) Σ_j w_ij (p_ij − q_ij) (z_i − μ_j), and the negative of each term to μ_j
 * (Xie et al. 2016, 4 and 5, divided by n). A p_ij whose q_ij is clipped pulls at nothing.
 * @param z [n, d]. @param mu [k, d]. @param p [n, k].
 */
export function klLoss({
  z,
  mu,
  p,
  alpha,
}: {
  readonly z: Matrix;
  readonly mu: Matrix;
  readonly p: Matrix;
  readonly alpha: number;
}): KlLoss {
  const [n, d, k] = [z.rows, z.columns, mu.rows];
  const q = softAssignment(z, mu, alpha);
  const embeddingGradient = new Float64Array(n * d);
  const centreGradient = new Float64Array(k * d);
  const scale = (alpha + 1) / (alpha * n);
  for (let i = 0; i < n; i++) {
    const pulls = pullsOf(p.data.subarray(i * k, (i + 1) * k), q.data.subarray(i * k, (i + 1) * k));
    for (let j = 0; j < k; j++) {
      const factor = (scale * pulls[j]) / (1 + squaredDistance(z, i, mu, j) / alpha);
      for (let c = 0; c < d; c++) {
        const term = factor * (z.data[i * d + c] - mu.data[j * d + c]);
        embeddingGradient[i * d + c] += term;
        centreGradient[j * d + c] -= term;
      }
    }
  }
  return { value: klDivergence(p, q), embeddingGradient, centreGradient };
}

/** p_ij − q_ij Σ_j' p_ij', over the j whose q is not clipped: for one item, [k]. */
function pullsOf(p: ArrayLike<number>, q: ArrayLike<number>): Float64Array {
  const pulls = new Float64Array(p.length);
  let unclipped = 0;
  for (let j = 0; j < p.length; j++) {
    if (q[j] < Q_FLOOR) continue;
    pulls[j] = p[j];
    unclipped += p[j];
  }
  for (let j = 0; j < p.length; j++) pulls[j] -= q[j] * unclipped;
  return pulls;
}

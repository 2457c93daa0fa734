import type { Matrix } from '../matrix.ts';
import { findNeighbours, squaredDistance } from './neighbours.ts';

export interface TrustworthinessInput {
  /** The points as they were. */
  readonly original: Matrix;
  /** The same points in the picture. */
  readonly projected: Matrix;
  /** Neighbourhood, 5 where not given; fewer than half the points (lowered where points are few). */
  readonly neighbours?: number;
  readonly pause: () => Promise<void>;
}

/**
 * Trustworthiness (Venna and Kaski 2001): 1 where the k nearest neighbours in the picture are neighbours in the
 * original, less as false ones rank further away there. Null for fewer than four points: no k is below half.
 */
export async function measureTrustworthiness(input: TrustworthinessInput): Promise<number | null> {
  const { original, projected, pause } = input;
  const n = original.rows;
  const k = Math.min(input.neighbours ?? 5, Math.ceil(n / 2) - 1);
  if (k < 1) return null;
  const near = await findNeighbours({
    queries: projected,
    reference: projected,
    count: k,
    excludeSelf: true,
    pause,
  });
  const distances = new Float64Array(n);
  let penalty = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) distances[j] = squaredDistance(original, i, original, j);
    for (let at = i * k; at < (i + 1) * k; at++) {
      penalty += Math.max(0, rankOf(distances, i, near.indices[at]) - k);
    }
    await pause();
  }
  return 1 - (2 * penalty) / (n * k * (2 * n - 3 * k - 1));
}

/** Rank of `other` among the neighbours of `self`, the nearest 1; of equally near ones the first comes first. */
function rankOf(distances: Float64Array, self: number, other: number): number {
  const distance = distances[other];
  let rank = 1;
  for (let j = 0; j < distances.length; j++) {
    if (j === self || j === other) continue;
    if (distances[j] < distance || (distances[j] === distance && j < other)) rank += 1;
  }
  return rank;
}

import { log } from '../core/pinned-math.ts';
import type { Random } from '../core/random.ts';
import type { Matrix } from './matrix.ts';
import { squaredDistance } from './nearest-centre.ts';

export type Seeding = 'k-means++' | 'random';

/** Centres to start from, [k, columns]: rows of `points`, of which at least k are distinct. */
export function seedCentres(points: Matrix, k: number, seeding: Seeding, random: Random): Matrix {
  const chosen = seeding === 'random' ? drawRows(points, k, random) : spreadRows(points, k, random);
  const { columns } = points;
  const data = new Float64Array(k * columns);
  chosen.forEach((row, centre) => {
    data.set(points.data.subarray(row * columns, (row + 1) * columns), centre * columns);
  });
  return { data, rows: k, columns };
}

/** k rows without replacement. Equal rows may come; k-means then moves the empty cluster away. */
function drawRows(points: Matrix, k: number, random: Random): number[] {
  return Array.from(random.permutation(points.rows).subarray(0, k));
}

/**
 * Greedy k-means++ (Arthur and Vassilvitskii 2007): each next centre is drawn with probability
 * proportional to the squared distance from those before, 2 + ⌊ln k⌋ times, and the draw that leaves
 * the least sum of squared distances is kept.
 */
function spreadRows(points: Matrix, k: number, random: Random): number[] {
  const trials = 2 + Math.floor(log(k));
  const chosen = [random.integer(points.rows)];
  let nearest = distancesTo(points, chosen[0]);
  while (chosen.length < k) {
    let best: { row: number; distances: Float64Array; potential: number } | null = null;
    const potential = sum(nearest);
    for (let trial = 0; trial < trials; trial++) {
      const row = drawByWeight(nearest, potential, random);
      const distances = distancesTo(points, row).map((distance, i) => Math.min(distance, nearest[i]));
      const left = sum(distances);
      if (!best || left < best.potential) best = { row, distances, potential: left };
    }
    chosen.push(best!.row);
    nearest = best!.distances;
  }
  return chosen;
}

function distancesTo(points: Matrix, row: number): Float64Array {
  const distances = new Float64Array(points.rows);
  for (let other = 0; other < points.rows; other++)
    distances[other] = squaredDistance(points, other, points, row);
  return distances;
}

/** A row, drawn with probability weight / total; never one of weight 0. */
function drawByWeight(weights: Float64Array, total: number, random: Random): number {
  const threshold = random.next() * total;
  let passed = 0;
  let last = 0;
  for (let row = 0; row < weights.length; row++) {
    if (weights[row] === 0) continue;
    passed += weights[row];
    last = row;
    if (passed > threshold) return row;
  }
  return last; // the threshold was the total itself, rounded
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

import { fail } from '../core/failure.ts';
import type { Random } from '../core/random.ts';
import { type Seeding, seedCentres } from './kmeans-seeding.ts';
import type { Matrix } from './matrix.ts';
import { type Assignment, assignToCentres, squaredDistance } from './nearest-centre.ts';

export interface KMeansSettings {
  /** Number of clusters. */
  readonly k: number;
  /** Default 'k-means++'. */
  readonly seeding?: Seeding;
  /** Runs from different seeds, of which the one with the least inertia is kept. Default 20. */
  readonly restarts?: number;
  /** Lloyd's iterations of one run. Default 300. */
  readonly maxIterations?: number;
}

export interface KMeansResult extends Assignment {
  /** [k, columns], float64. */
  readonly centres: Matrix;
  /** Lloyd's iterations of the run that was kept. */
  readonly iterations: number;
  /** Did that run end because no assignment changed? */
  readonly converged: boolean;
}

/**
 * k-means (Lloyd) in float64; sums run in the order of the points, so equal input gives equal bytes.
 * @param points at least k distinct rows, all finite.
 * @throws ExpectedFailure bad-parameter where there are fewer distinct rows than clusters; bad-input
 * where a value is not finite.
 */
export function kmeans(points: Matrix, settings: KMeansSettings, random: Random): KMeansResult {
  const { k, seeding = 'k-means++', restarts = 20, maxIterations } = settings;
  checkPoints(points, k);
  let best: KMeansResult | null = null;
  for (let restart = 0; restart < restarts; restart++) {
    const start = seedCentres(points, k, seeding, random.fork(`restart-${restart}`));
    const result = lloyd(points, start, maxIterations);
    if (!best || result.inertia < best.inertia) best = result;
  }
  return best ?? fail('bad-parameter', `restarts: expected at least 1, and got ${restarts}`);
}

/** One run of k-means from given centres [k, columns]; they are not changed. @throws as `kmeans`. */
export function kmeansFrom(points: Matrix, start: Matrix, maxIterations?: number): KMeansResult {
  checkPoints(points, start.rows);
  return lloyd(points, start, maxIterations);
}

function lloyd(points: Matrix, start: Matrix, maxIterations = 300): KMeansResult {
  let centres = start;
  let assignment = assignToCentres(points, centres);
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const before = withoutEmpty(assignment, centres.rows);
    centres = meansOf(points, before, centres.rows);
    assignment = assignToCentres(points, centres);
    if (equal(assignment.assignments, before)) {
      return { ...assignment, centres, iterations: iteration, converged: true };
    }
  }
  return { ...assignment, centres, iterations: maxIterations, converged: false };
}

/** The mean of each cluster's points; no cluster is empty. */
function meansOf(points: Matrix, assignments: Uint32Array, k: number): Matrix {
  const { data, rows, columns } = points;
  const sums = new Float64Array(k * columns);
  const sizes = clusterSizes(assignments, k);
  for (let row = 0; row < rows; row++) {
    const centre = assignments[row];
    for (let column = 0; column < columns; column++)
      sums[centre * columns + column] += data[row * columns + column];
  }
  for (let index = 0; index < sums.length; index++) sums[index] /= sizes[Math.floor(index / columns)];
  return { data: sums, rows: k, columns };
}

/** The assignments, with the farthest points of clusters that can spare one moved to the empty clusters. */
function withoutEmpty({ assignments, squaredDistances }: Assignment, k: number): Uint32Array {
  const sizes = clusterSizes(assignments, k);
  if (!sizes.includes(0)) return assignments;
  const moved = assignments.slice();
  const taken = new Set<number>();
  sizes.forEach((size, cluster) => {
    if (size > 0) return;
    let farthest = -1;
    for (let row = 0; row < moved.length; row++) {
      if (taken.has(row) || sizes[moved[row]] < 2) continue;
      if (farthest < 0 || squaredDistances[row] > squaredDistances[farthest]) farthest = row;
    }
    sizes[moved[farthest]] -= 1;
    sizes[cluster] = 1;
    moved[farthest] = cluster;
    taken.add(farthest);
  });
  return moved;
}

/** How many items each cluster has, [k]. */
export function clusterSizes(assignments: Uint32Array, k: number): number[] {
  const sizes = new Array<number>(k).fill(0);
  for (const cluster of assignments) sizes[cluster] += 1;
  return sizes;
}

function checkPoints(points: Matrix, k: number): void {
  if (!Number.isInteger(k) || k < 1) fail('bad-parameter', `k: expected a positive integer, and got ${k}`);
  const wrong = points.data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const [row, column] = [Math.floor(wrong / points.columns), wrong % points.columns];
    fail('bad-input', `k-means needs finite values; row ${row}, column ${column} is ${points.data[wrong]}`);
  }
  const distinct = countDistinct(points, k);
  if (distinct < k) {
    fail('bad-parameter', `k: ${k} clusters need ${k} distinct points, and there are ${distinct}`);
  }
}

/** Distinct rows, counted as far as `enough`. */
function countDistinct(points: Matrix, enough: number): number {
  const found: number[] = [];
  for (let row = 0; row < points.rows && found.length < enough; row++) {
    if (found.every((other) => squaredDistance(points, row, points, other) > 0)) found.push(row);
  }
  return found.length;
}

function equal(a: Uint32Array, b: Uint32Array): boolean {
  return a.every((value, index) => value === b[index]);
}

import { exp, log2, pow } from '../../core/pinned-math.ts';
import type { Random } from '../../core/random.ts';
import type { Matrix } from '../matrix.ts';
import { findNeighbours } from './neighbours.ts';
import { createPause } from './pause.ts';

export interface FittedUmap {
  /** The points fitted on, and where they lie. */
  readonly data: Matrix;
  readonly coordinates: Matrix;
  readonly neighbours: number;
  /** Similarity in the picture is 1 / (1 + a d^2b). */
  readonly curve: { readonly a: number; readonly b: number };
  readonly random: Random;
  readonly signal?: AbortSignal;
}

/** umap-learn 0.5: a hundred rounds, at a quarter of the fit's learning rate, five pushes to a pull. */
const EPOCHS = 100;
const LEARNING_RATE = 0.25;
const PUSHES_PER_PULL = 5;
const LARGEST_STEP = 4;

/**
 * Places points among fitted ones as umap-learn does: the mean of the nearest fitted points, weighted by
 * membership, then pulls towards these and pushes from fitted points drawn at random. The draws
 * are the same for every point, so that a point's place depends on no other.
 */
export function createUmapTransform(fitted: FittedUmap): (points: Matrix) => Promise<Matrix> {
  const { data, coordinates, signal } = fitted;
  return async (points) => {
    const pause = createPause(signal);
    const count = Math.min(fitted.neighbours, data.rows);
    const near = await findNeighbours({ queries: points, reference: data, count, excludeSelf: false, pause });
    const positions = new Float64Array(2 * points.rows);
    for (let point = 0; point < points.rows; point++) {
      const indices = near.indices.subarray(point * count, (point + 1) * count);
      const weights = weighMembership(near.distances.subarray(point * count, (point + 1) * count));
      const place = average(coordinates, indices, weights);
      settle(place, { fitted, indices, weights, random: fitted.random.fork('transform') });
      positions.set(place, 2 * point);
      await pause();
    }
    return { data: positions, rows: points.rows, columns: 2 };
  };
}

/** e^(−d/σ), with σ such that the weights sum to log₂ k (McInnes et al. 2018, algorithm 3, with ρ = 0). */
function weighMembership(distances: Float64Array): Float64Array {
  const k = distances.length;
  const target = log2(k);
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / k;
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let sigma = mean > 0 ? mean : 1;
  for (let round = 0; round < 64; round++) {
    const sum = distances.reduce((total, distance) => total + exp(-distance / sigma), 0);
    if (Math.abs(sum - target) < 1e-5) break;
    if (sum > target) high = sigma;
    else low = sigma;
    sigma = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
  }
  sigma = Math.max(sigma, 1e-3 * mean, Number.MIN_VALUE);
  // Against the nearest: only ratios count, and so not all of them can vanish.
  return distances.map((distance) => exp(-(distance - distances[0]) / sigma));
}

function average(coordinates: Matrix, indices: Int32Array, weights: Float64Array): Float64Array {
  const place = new Float64Array(2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  indices.forEach((row, rank) => {
    place[0] += (weights[rank] / total) * coordinates.data[2 * row];
    place[1] += (weights[rank] / total) * coordinates.data[2 * row + 1];
  });
  return place;
}

interface Surroundings {
  readonly fitted: FittedUmap;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
  readonly random: Random;
}

/** Stochastic gradient descent of one point; each neighbour pulls as often as its weight says. */
function settle(place: Float64Array, { fitted, indices, weights, random }: Surroundings): void {
  const { coordinates, curve } = fitted;
  const strongest = Math.max(...weights);
  const due = weights.map((weight) => strongest / weight);
  const interval = due.slice();
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    const rate = LEARNING_RATE * (1 - (epoch - 1) / EPOCHS);
    for (let rank = 0; rank < indices.length; rank++) {
      if (due[rank] > epoch) continue;
      due[rank] += interval[rank];
      step(place, {
        coordinates,
        row: indices[rank],
        rate,
        strength: (squared) => attractionAt(squared, curve),
      });
      for (let push = 0; push < PUSHES_PER_PULL; push++) {
        const row = random.integer(coordinates.rows);
        step(place, { coordinates, row, rate, strength: (squared) => repulsionAt(squared, curve) });
      }
    }
  }
}

interface Step {
  readonly coordinates: Matrix;
  /** The fitted point that pulls or pushes. */
  readonly row: number;
  readonly rate: number;
  readonly strength: (squaredDistance: number) => number;
}

function step(place: Float64Array, { coordinates, row, rate, strength }: Step): void {
  const dx = place[0] - coordinates.data[2 * row];
  const dy = place[1] - coordinates.data[2 * row + 1];
  const factor = strength(dx * dx + dy * dy);
  place[0] += rate * Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, factor * dx));
  place[1] += rate * Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, factor * dy));
}

/** Both: the gradient of the cross-entropy by the squared distance (McInnes et al. 2018, section 3.2). */
function attractionAt(squared: number, { a, b }: FittedUmap['curve']): number {
  if (squared === 0) return 0;
  const power = pow(squared, b);
  return (-2 * a * b * power) / squared / (1 + a * power);
}

function repulsionAt(squared: number, { a, b }: FittedUmap['curve']): number {
  return squared === 0 ? 0 : (2 * b) / ((0.001 + squared) * (1 + a * pow(squared, b)));
}

import type { Random } from '../../core/random.ts';
import type { Matrix } from '../matrix.ts';
import { type Affinities, computeAllAffinities, computeNearAffinities } from './affinities.ts';
import { placePoints } from './initial-layout.ts';
import { createPause } from './pause.ts';
import {
  type ComputeForces,
  createBarnesHutForces,
  createExactForces,
  measureDivergence,
} from './tsne-forces.ts';

export interface TsneOptions {
  readonly random: Random;
  /** Effective number of neighbours, 30; lowered to (n − 1)/3 where points are few. */
  readonly perplexity?: number;
  /** 1,000. */
  readonly iterations?: number;
  /** Where points start: their first two principal components (default), or a small normal cloud. */
  readonly init?: 'pca' | 'random';
  /** From how many points on forces are approximated (Barnes–Hut, θ = 0.5): above 2,000. */
  readonly exactUpTo?: number;
  readonly onProgress?: (progress: TsneProgress) => void;
  readonly signal?: AbortSignal;
}

export interface TsneProgress {
  readonly iteration: number;
  readonly iterations: number;
  readonly divergence: number;
}

export interface TsneResult {
  /** n × 2. */
  readonly coordinates: Matrix;
  /** KL(P‖Q) at the end, in nats. */
  readonly divergence: number;
  /** The perplexity used. */
  readonly perplexity: number;
  /** What a reader should know: a lowered perplexity, an approximation. */
  readonly notes: readonly string[];
}

const THETA = 0.5;
/** Affinities are exaggerated 12-fold for 250 iterations (van der Maaten 2014; the first paper has 4 for 50). */
const EXAGGERATION = 12;
const EXAGGERATED_ITERATIONS = 250;
const INITIAL_SPREAD = 1e-4;
const PROGRESS_INTERVAL = 50;

/**
 * t-SNE in two dimensions (van der Maaten and Hinton 2008), seeded: gradient descent with momentum and gains; the
 * learning rate is n / exaggeration (Belkina et al. 2019). One set of points, one map: there is no transform.
 * @throws the signal's reason when it is aborted.
 */
export async function projectTsne(data: Matrix, options: TsneOptions): Promise<TsneResult> {
  const n = data.rows;
  const { perplexity, notes } = choosePerplexity(n, options.perplexity ?? 30);
  if (n < 2)
    return {
      coordinates: { data: new Float64Array(2 * n), rows: n, columns: 2 },
      divergence: 0,
      perplexity,
      notes,
    };
  const pause = createPause(options.signal);
  const exact = n <= (options.exactUpTo ?? 2000);
  if (!exact) notes.push(`${n} points: forces by the Barnes–Hut approximation, theta ${THETA}`);
  const affinities = await (exact ? computeAllAffinities : computeNearAffinities)(data, perplexity, pause);
  const computeForces = exact ? createExactForces(affinities) : createBarnesHutForces(affinities, THETA);
  const { init = 'pca', random } = options;
  const positions = placePoints(data, { init, random, spread: INITIAL_SPREAD });
  const divergence = await descend({ affinities, computeForces, positions, pause, options });
  return { coordinates: { data: positions, rows: n, columns: 2 }, divergence, perplexity, notes };
}

/** Perplexity must leave room among n − 1 neighbours; below 1 it means nothing. */
function choosePerplexity(n: number, wanted: number): { perplexity: number; notes: string[] } {
  const highest = Math.max(1, (n - 1) / 3);
  if (wanted <= highest) return { perplexity: wanted, notes: [] };
  return {
    perplexity: highest,
    notes: [`perplexity lowered from ${wanted} to ${highest.toFixed(1)}: there are ${n} points`],
  };
}

interface Descent {
  readonly affinities: Affinities;
  readonly computeForces: ComputeForces;
  /** Pairs; moved in place. */
  readonly positions: Float64Array;
  readonly pause: () => Promise<void>;
  readonly options: TsneOptions;
}

/** @returns KL(P‖Q) at the end. */
async function descend({ affinities, computeForces, positions, pause, options }: Descent): Promise<number> {
  const iterations = options.iterations ?? 1000;
  // The gradient's factor 4 is kept, so that the rate is Belkina's n/exaggeration over 4, as in scikit-learn.
  const rate = Math.max(positions.length / 2 / EXAGGERATION / 4, 50);
  const velocity = new Float64Array(positions.length);
  const gains = new Float64Array(positions.length).fill(1);
  const measure = () => measureDivergence(affinities, positions, computeForces(positions).normaliser);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const early = iteration < EXAGGERATED_ITERATIONS;
    const { attraction, repulsion, normaliser } = computeForces(positions);
    const pull = 4 * (early ? EXAGGERATION : 1);
    const push = 4 / normaliser;
    const momentum = early ? 0.5 : 0.8;
    for (let at = 0; at < positions.length; at++) {
      const gradient = pull * attraction[at] - push * repulsion[at];
      // Jacobs 1988: faster while the direction holds, slower once it turns.
      const onward = gradient * velocity[at] < 0;
      gains[at] = Math.max(0.01, onward ? gains[at] + 0.2 : gains[at] * 0.8);
      velocity[at] = momentum * velocity[at] - rate * gains[at] * gradient;
    }
    for (let at = 0; at < positions.length; at++) positions[at] += velocity[at];
    centre(positions);
    const done = iteration + 1;
    if (options.onProgress && (done % PROGRESS_INTERVAL === 0 || done === iterations)) {
      options.onProgress({ iteration: done, iterations, divergence: measure() });
    }
    await pause();
  }
  return measure();
}

/** The gradient does not change the mean; rounding does. */
function centre(positions: Float64Array): void {
  const n = positions.length / 2;
  for (const axis of [0, 1]) {
    let sum = 0;
    for (let at = axis; at < positions.length; at += 2) sum += positions[at];
    for (let at = axis; at < positions.length; at += 2) positions[at] -= sum / n;
  }
}

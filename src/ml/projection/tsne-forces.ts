import { log } from '../../core/pinned-math.ts';
import type { Affinities } from './affinities.ts';
import { Quadtree } from './quadtree.ts';

/**
 * The gradient's two halves at positions y (pairs): ∂KL/∂y_i = 4 (Σ_j p_ij k_ij (y_i − y_j) −
 * Σ_j k_ij² (y_i − y_j) / Z), with k_ij = 1/(1 + ‖y_i − y_j‖²) and Z = Σ_{i≠j} k_ij.
 */
export interface Forces {
  /** Σ_j p_ij k_ij (y_i − y_j), pairs. */
  readonly attraction: Float64Array;
  /** Σ_j k_ij² (y_i − y_j), pairs. */
  readonly repulsion: Float64Array;
  readonly normaliser: number;
}

export type ComputeForces = (positions: Float64Array) => Forces;

/** All pairs of points, exactly. Time n². */
export function createExactForces(affinities: Affinities): ComputeForces {
  const size = 2 * (affinities.starts.length - 1);
  const attraction = new Float64Array(size);
  const repulsion = new Float64Array(size);
  return (positions) => {
    attract(affinities, positions, attraction);
    repulsion.fill(0);
    let half = 0;
    for (let i = 0; i < size; i += 2) {
      const x = positions[i];
      const y = positions[i + 1];
      let sumX = 0;
      let sumY = 0;
      for (let j = i + 2; j < size; j += 2) {
        const dx = x - positions[j];
        const dy = y - positions[j + 1];
        const kernel = 1 / (1 + dx * dx + dy * dy);
        half += kernel;
        const forceX = kernel * kernel * dx;
        const forceY = kernel * kernel * dy;
        sumX += forceX;
        sumY += forceY;
        repulsion[j] -= forceX;
        repulsion[j + 1] -= forceY;
      }
      repulsion[i] += sumX;
      repulsion[i + 1] += sumY;
    }
    return { attraction, repulsion, normaliser: 2 * half };
  };
}

/** Repulsion by the Barnes–Hut approximation (van der Maaten 2014). Time n log n. */
export function createBarnesHutForces(affinities: Affinities, theta: number): ComputeForces {
  const size = 2 * (affinities.starts.length - 1);
  const attraction = new Float64Array(size);
  const repulsion = new Float64Array(size);
  const tree = new Quadtree();
  return (positions) => {
    attract(affinities, positions, attraction);
    repulsion.fill(0);
    tree.build(positions);
    let normaliser = 0;
    for (let i = 0; i < size; i += 2) {
      normaliser += tree.addRepulsion(positions[i], positions[i + 1], theta, repulsion, i) - 1;
    }
    return { attraction, repulsion, normaliser };
  };
}

function attract({ starts, columns, values }: Affinities, positions: Float64Array, out: Float64Array): void {
  for (let i = 0; i < starts.length - 1; i++) {
    const x = positions[2 * i];
    const y = positions[2 * i + 1];
    let sumX = 0;
    let sumY = 0;
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      const j = 2 * columns[at];
      const dx = x - positions[j];
      const dy = y - positions[j + 1];
      const weight = values[at] / (1 + dx * dx + dy * dy);
      sumX += weight * dx;
      sumY += weight * dy;
    }
    out[2 * i] = sumX;
    out[2 * i + 1] = sumY;
  }
}

/** KL(P‖Q) = Σ p log(p / q), q_ij = k_ij / Z, over the pairs whose p is not 0. */
export function measureDivergence(
  { starts, columns, values }: Affinities,
  positions: Float64Array,
  normaliser: number,
): number {
  let sum = 0;
  for (let i = 0; i < starts.length - 1; i++) {
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      if (values[at] === 0) continue;
      const dx = positions[2 * i] - positions[2 * columns[at]];
      const dy = positions[2 * i + 1] - positions[2 * columns[at] + 1];
      sum += values[at] * log(values[at] * normaliser * (1 + dx * dx + dy * dy));
    }
  }
  return sum;
}

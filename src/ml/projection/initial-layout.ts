import type { Random } from '../../core/random.ts';
import type { Matrix } from '../matrix.ts';
import { fitPrincipalComponents, projectOnComponents } from '../pca.ts';

export interface InitialLayout {
  /** `pca`: the first two principal components; `random`: independent normal numbers. */
  readonly init: 'pca' | 'random';
  readonly random: Random;
  /** Standard deviation along the first axis. */
  readonly spread: number;
}

/** What moves points of one place apart, and fills an axis that the data lacks, against the spread. */
const JITTER_SHARE = 1e-4;

/**
 * Where points start in the plane, as pairs. Principal components keep the picture's large shape the same from
 * seed to seed (Kobak and Linderman 2021); a trace of noise parts equal points.
 */
export function placePoints(data: Matrix, { init, random, spread }: InitialLayout): Float64Array {
  const noise = init === 'random' ? spread : spread * JITTER_SHARE;
  const positions = Float64Array.from({ length: 2 * data.rows }, () => random.normal() * noise);
  if (init === 'random') return positions;
  const model = fitPrincipalComponents(data, 2);
  const scores = projectOnComponents(model, data);
  for (let axis = 0; axis < scores.columns; axis++) {
    const factor = spread / Math.sqrt(model.variances[0]);
    for (let row = 0; row < data.rows; row++) {
      positions[2 * row + axis] += scores.data[row * scores.columns + axis] * factor;
    }
  }
  return positions;
}

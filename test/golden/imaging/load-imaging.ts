import { readFileSync } from 'node:fs';
import type { Raster } from '../../../src/imaging/raster.ts';

/** Pictures by Pillow and scipy: see make-imaging.py. */
interface Golden {
  readonly picture: Raster;
  readonly resized: (Raster & { readonly method: 'lanczos' | 'bilinear' | 'nearest' })[];
  readonly warped: (Raster & {
    readonly method: 'bilinear' | 'cubic';
    readonly map: readonly [number, number, number, number, number, number];
  })[];
  readonly percentiles: { readonly [percentile: string]: number };
}

export const golden: Golden = JSON.parse(
  readFileSync(new URL('imaging.json', import.meta.url), 'utf8'),
  (key, value) => (key === 'pixels' ? Float32Array.from(value) : value),
);

/** Largest absolute difference; Infinity where lengths differ. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index])), 0);
}

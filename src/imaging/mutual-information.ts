import { log } from '../core/pinned-math.ts';
import type { Raster } from './raster.ts';

/** Bins of each picture's grey values. */
const BINS = 32;

/**
 * Normalised mutual information (H(A) + H(B)) / H(A, B) of two pictures of one size (Studholme, Hill and
 * Hawkes 1999), from 32 × 32 equal bins between each picture's least and greatest value: 1 where one says
 * nothing of the other, 2 where each decides the other. 1 where a picture is of one value.
 */
export function normalisedMutualInformation(a: Raster, b: Raster): number {
  if (a.height !== b.height || a.width !== b.width)
    throw new RangeError(`pictures of ${a.height}×${a.width} and ${b.height}×${b.width} cannot be compared`);
  const [binsOfA, binsOfB] = [binsOf(a.pixels), binsOf(b.pixels)];
  const joint = new Float64Array(BINS * BINS);
  for (let pixel = 0; pixel < binsOfA.length; pixel++) joint[binsOfA[pixel] * BINS + binsOfB[pixel]] += 1;
  const [ofA, ofB] = [new Float64Array(BINS), new Float64Array(BINS)];
  joint.forEach((count, cell) => {
    ofA[Math.floor(cell / BINS)] += count;
    ofB[cell % BINS] += count;
  });
  const [entropyOfA, entropyOfB] = [entropy(ofA), entropy(ofB)];
  return entropyOfA === 0 || entropyOfB === 0 ? 1 : (entropyOfA + entropyOfB) / entropy(joint);
}

function binsOf(pixels: Float32Array): Uint8Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of pixels) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const scale = high > low ? BINS / (high - low) : 0;
  return Uint8Array.from(pixels, (value) => Math.min(BINS - 1, Math.floor((value - low) * scale)));
}

/** −Σ p ln p of counts. */
function entropy(counts: Float64Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= (count / total) * log(count / total);
  return sum;
}

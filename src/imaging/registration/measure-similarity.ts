import { blur } from '../blur.ts';
import { normalisedMutualInformation } from '../mutual-information.ts';
import type { Raster } from '../raster.ts';
import { resize } from '../resample.ts';

/**
 * Normalised mutual information, 1 … 2, of both pictures blurred. Sharp, a picture is more like one that
 * it was never interpolated from than like itself moved by half a pixel, and the measure would reward not
 * moving.
 */
export function measureSimilarity(a: Raster, b: Raster): number {
  return normalisedMutualInformation(soften(a), soften(b));
}

/**
 * How many times more a picture says of another where it lies than where it does not belong: the excess of
 * the similarity over 1, divided by its mean over cyclic shifts by quarters and halves of the picture.
 * About 1 for pictures that have nothing in common, however much of their similarity is chance.
 *
 * Measured after registration to a mean: 210 slices of phantom heads (32 to 128 pixels) and real ones (64
 * and 182 × 218) have 4.4 and more; 100 pictures of noise, white, blurred or salt, 2.4 and less.
 */
export function measureLikeness(reference: Raster, picture: Raster): number {
  const [a, b] = [standardise(reference), standardise(picture)];
  const here = normalisedMutualInformation(a, b) - 1;
  const elsewhere = SHIFTS.map(([right, down]) => normalisedMutualInformation(a, shift(b, right, down)) - 1);
  const mean = elsewhere.reduce((sum, value) => sum + value, 0) / elsewhere.length;
  if (here <= 0) return 0;
  return mean > 0 ? here / mean : Number.POSITIVE_INFINITY;
}

/** Shares of the width and the height, none of which leaves a head on a head. */
const SHIFTS: readonly (readonly [number, number])[] = [
  [0.5, 0],
  [0, 0.5],
  [0.5, 0.5],
  [0.25, 0.25],
  [0.75, 0.25],
  [0.25, 0.75],
  [0.75, 0.75],
];

/** Side of the picture that likeness is measured on: chance says more in a smaller one, and less in a larger. */
const STANDARD_SIZE = 64;

function standardise(picture: Raster): Raster {
  const size = { height: STANDARD_SIZE, width: STANDARD_SIZE };
  return soften(resize(picture, { ...size, method: 'bilinear', fit: 'stretch', background: 0 }));
}

function soften(picture: Raster): Raster {
  const deviation = Math.max(1, Math.max(picture.height, picture.width) / 32);
  return blur(picture, { y: deviation, x: deviation });
}

/** What leaves on one side comes in on the other. */
function shift({ pixels, height, width }: Raster, right: number, down: number): Raster {
  const [columns, rows] = [Math.floor(right * width), Math.floor(down * height)];
  const shifted = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      shifted[((y + rows) % height) * width + ((x + columns) % width)] = pixels[y * width + x];
    }
  }
  return { pixels: shifted, height, width };
}

import { expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { normalisedMutualInformation } from '../../../src/imaging/mutual-information.ts';

const raster = (...values: number[]) => ({
  pixels: Float32Array.from(values),
  height: 1,
  width: values.length,
});

it('is 2 where each picture decides the other, whatever the grey values', () => {
  expect(normalisedMutualInformation(raster(0, 1, 2, 5), raster(9, 3, 1, 0))).toBeCloseTo(2, 12);
});

it('is 1 where one picture says nothing of the other', () => {
  expect(normalisedMutualInformation(raster(0, 0, 1, 1), raster(0, 1, 0, 1))).toBeCloseTo(1, 12);
  expect(normalisedMutualInformation(raster(0, 0, 1, 1), raster(3, 3, 3, 3))).toBe(1);
});

it('is (H(A) + H(B)) / H(A, B) between', () => {
  // A = 0 0 1 1, B = 0 0 0 1: H(A) = ln 2, H(B) = 2 ln 2 − ¾ ln 3, H(A, B) = 1.5 ln 2.
  const [ln2, ln3] = [Math.LN2, Math.log(3)];
  const expected = (ln2 + 2 * ln2 - 0.75 * ln3) / (1.5 * ln2);
  expect(normalisedMutualInformation(raster(0, 0, 1, 1), raster(0, 0, 0, 1))).toBeCloseTo(expected, 12);
});

it('is symmetric', () => {
  const random = createRandom('pictures');
  const noise = () => raster(...Array.from({ length: 50 }, () => random.next()));
  const [a, b] = [noise(), noise()];
  expect(normalisedMutualInformation(a, b)).toBeCloseTo(normalisedMutualInformation(b, a), 12);
});

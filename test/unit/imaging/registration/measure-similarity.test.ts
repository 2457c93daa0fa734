import { describe, expect, it } from 'vitest';
import { similarity, warp } from '../../../../src/imaging/affine.ts';
import { blur } from '../../../../src/imaging/blur.ts';
import {
  measureLikeness,
  measureSimilarity,
} from '../../../../src/imaging/registration/measure-similarity.ts';
import { headSlices, meanOf, noisePicture } from '../../../support/heads.ts';

it('measureSimilarity is 2 for a picture and itself, whatever its contrast, and falls with each pixel of a shift', () => {
  const [head] = headSlices('MRI', 0);
  expect(measureSimilarity(head, head)).toBeCloseTo(2, 12);
  const moved = [0, 0.5, 1, 2, 4, 8].map((right) => {
    const toHead = similarity({ rotationRad: 0, scale: 1, shift: [right, 0], centre: [0, 0] });
    return measureSimilarity(
      head,
      warp(head, toHead, { height: 64, width: 64, method: 'cubic', background: 0 }),
    );
  });
  expect(moved).toEqual(moved.toSorted((a, b) => b - a));
});

describe.each([32, 64, 128])('measureLikeness, of pictures of %d pixels', (size) => {
  const heads = ([0, 1, 2] as const).flatMap((subject) => [
    ...headSlices('CT', subject, { size }),
    ...headSlices('MRI', subject, { size }),
    ...headSlices('PET', subject, { size }),
  ]);
  const mean = meanOf(heads);

  it('is above 3 for heads and their mean', () => {
    const likeness = heads.map((head) => measureLikeness(mean, head));
    expect(Math.min(...likeness)).toBeGreaterThan(3);
  });

  it('is below 3 for noise, sharp or blurred', () => {
    const noise = ['a', 'b', 'c', 'd'].map((seed) => noisePicture(seed, size));
    const blurred = noise.map((picture) => blur(picture, { y: size / 16, x: size / 16 }));
    const likeness = [...noise, ...blurred].map((picture) => measureLikeness(mean, picture));
    expect(Math.max(...likeness)).toBeLessThan(3);
  });

  it('is 0 where a picture is blank', () => {
    const blank = { ...mean, pixels: new Float32Array(size * size) };
    expect(measureLikeness(mean, blank)).toBe(0);
    expect(measureLikeness(blank, mean)).toBe(0);
  });
});

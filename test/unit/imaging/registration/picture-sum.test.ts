import { describe, expect, it } from 'vitest';
import type { Raster } from '../../../../src/imaging/raster.ts';
import { meanOfSum, sumPictures, withoutPictures } from '../../../../src/imaging/registration/picture-sum.ts';
import { noisePicture } from '../../../support/heads.ts';

const row = (...values: number[]): Raster => ({
  pixels: Float32Array.from(values),
  height: 1,
  width: values.length,
});

describe('sums of pictures', () => {
  it('give the mean, pixel by pixel', () => {
    expect(meanOfSum(sumPictures([row(0, 1, 0.5), row(1, 0, 0.25)]))).toEqual(row(0.5, 0.5, 0.375));
  });

  it('do not depend on the order, to the last bit', () => {
    // In floating point 1 + 2⁻³⁰ + … depends on it; noise of very different strengths makes that sure.
    const pictures = Array.from({ length: 50 }, (_, index) => {
      const noise = noisePicture(String(index), 8);
      return { ...noise, pixels: noise.pixels.map((value) => value / 2 ** (index % 25)) };
    });
    expect(sumPictures(pictures.toReversed())).toEqual(sumPictures(pictures));
  });

  it('less some pictures are the sums of the others', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((seed) => noisePicture(seed, 8));
    expect(withoutPictures(sumPictures([a, b, c]), [b])).toEqual(sumPictures([a, c]));
    expect(withoutPictures(sumPictures([a, b, c]), [])).toEqual(sumPictures([a, b, c]));
  });

  it('need pictures of one size', () => {
    expect(() => sumPictures([row(1, 2), row(1, 2, 3)])).toThrow(/two sizes/);
  });
});

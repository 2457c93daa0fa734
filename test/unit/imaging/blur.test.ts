import { describe, expect, it } from 'vitest';
import { blur, sigmaOfFwhm } from '../../../src/imaging/blur.ts';

describe('blur', () => {
  it('spreads a point into a Gaussian along each axis', () => {
    const raster = { pixels: new Float32Array(41 * 41), height: 41, width: 41 };
    raster.pixels[20 * 41 + 20] = 1;
    const { pixels } = blur(raster, { y: 3, x: 2 });
    const ratio = (y: number, x: number) => pixels[(20 + y) * 41 + 20 + x] / pixels[20 * 41 + 20];
    expect(ratio(0, 2)).toBeCloseTo(Math.exp(-1 / 2), 5);
    expect(ratio(3, 0)).toBeCloseTo(Math.exp(-1 / 2), 5);
    expect(ratio(3, 4)).toBeCloseTo(Math.exp(-5 / 2), 5);
    expect(pixels.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it('has half its height at half its width', () => {
    const sigma = sigmaOfFwhm(8);
    expect(Math.exp(-(4 * 4) / (2 * sigma * sigma))).toBeCloseTo(0.5, 12);
  });

  it('leaves flat pictures flat, and an axis of deviation 0 alone', () => {
    const flat = { pixels: new Float32Array(12).fill(0.5), height: 3, width: 4 };
    for (const value of blur(flat, { y: 5, x: 5 }).pixels) expect(value).toBeCloseTo(0.5, 7);
    const steps = { pixels: Float32Array.of(0, 0, 1, 1), height: 1, width: 4 };
    expect([...blur(steps, { y: 4, x: 0 }).pixels]).toEqual([0, 0, 1, 1]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  applyWindow,
  clip,
  meanOf,
  percentileOfSorted,
  scalePercentiles,
  standardise,
} from '../../../src/imaging/intensity.ts';
import { golden } from '../../golden/imaging/load-imaging.ts';

describe('intensity', () => {
  it('clips', () => {
    expect([...clip(Float32Array.of(-1, 0.5, 3), 0, 1)]).toEqual([0, 0.5, 1]);
  });

  it('windows a brain: 0 and 80 HU are the ends of centre 40, width 80', () => {
    const hu = Float32Array.of(-1000, 0, 20, 40, 80, 900);
    expect([...applyWindow(hu, { centre: 40, width: 80 })]).toEqual([0, 0, 0.25, 0.5, 1, 1]);
  });

  it.each(Object.entries(golden.percentiles))('has numpy’s percentile %s', (percentile, expected) => {
    expect(percentileOfSorted(golden.picture.pixels.toSorted(), Number(percentile))).toBeCloseTo(expected, 7);
  });

  it('spreads percentiles over 0 … 1 and leaves a flat picture at 0', () => {
    const pixels = Float32Array.from({ length: 101 }, (_, index) => index);
    const scaled = scalePercentiles(pixels, { lower: 10, upper: 60 });
    expect([scaled[0], scaled[10], scaled[35], scaled[60], scaled[100]]).toEqual([0, 0, 0.5, 1, 1]);
    expect([...scalePercentiles(Float32Array.of(3, 3), { lower: 1, upper: 99 })]).toEqual([0, 0]);
  });

  it('standardises to mean 0 and deviation 1 and leaves a flat picture at 0', () => {
    expect([...standardise(Float32Array.of(1, 3))]).toEqual([-1, 1]);
    expect([...standardise(Float32Array.of(0.1, 0.1, 0.1))]).toEqual([0, 0, 0]);
  });

  it('sums means in float64', () => {
    expect(meanOf(Float32Array.of(2 ** 24, 1, 1, 1, 1))).toBe((2 ** 24 + 4) / 5);
  });
});

import { describe, expect, it } from 'vitest';
import { findDeadUnits } from '../../../../src/ml/metrics/dead-units.ts';
import { measureMse } from '../../../../src/ml/metrics/mse.ts';

describe('measureMse', () => {
  it('is the mean over all elements', () => {
    expect(measureMse(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 0, 3, 8))).toBe(5); // (0+4+0+16)/4
  });

  it('sums in double precision, so that a million small errors are not lost', () => {
    const count = 1_000_000;
    const zeros = new Float32Array(count);
    expect(measureMse(zeros, new Float32Array(count).fill(1e-4))).toBeCloseTo(
      Math.fround(1e-4) * Math.fround(1e-4),
      18,
    );
  });

  it('refuses arrays of different or no length', () => {
    expect(() => measureMse([1], [1, 2])).toThrow(RangeError);
    expect(() => measureMse([], [])).toThrow(RangeError);
  });
});

describe('findDeadUnits', () => {
  it('finds units of one value for all items, zero or not', () => {
    const data = Float32Array.of(0, 1, 5, 0, 2, 5, 0, 1, 5);
    expect(findDeadUnits({ data, rows: 3, columns: 3 })).toEqual([0, 2]);
  });

  it('calls none dead by one item, nor a unit that is alive for the last item alone', () => {
    expect(findDeadUnits({ data: Float32Array.of(0, 0), rows: 1, columns: 2 })).toEqual([]);
    expect(findDeadUnits({ data: Float32Array.of(0, 0, 1), rows: 3, columns: 1 })).toEqual([]);
  });
});

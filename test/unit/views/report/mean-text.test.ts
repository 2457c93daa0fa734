import { describe, expect, it } from 'vitest';
import { meanText } from '../../../../src/views/report/mean-text.ts';

describe('mean ± deviation', () => {
  it.each([
    [0.7222, 0.05556, '0.722 ± 0.056'],
    [0.009399, 0.0001676, '0.00940 ± 0.00017'],
    [0.6852, 0.1156, '0.69 ± 0.12'],
    [5387, 939.4, '5387 ± 939'],
    [0.5, 0, '0.5000 ± 0'],
    [0.4477, 6.8e-17, '0.4477 ± 0'], // what rounding leaves of equal values
    [-0.25, 0.031, '-0.250 ± 0.031'],
  ])('%d and %d: %s', (mean, sd, text) => expect(meanText({ mean, sd, n: 3 })).toBe(text));

  it('gives a single value four significant digits', () => {
    expect(meanText({ mean: 0.123456, sd: null, n: 1 })).toBe('0.1235');
    expect(meanText({ mean: Number.NaN, sd: null, n: 1 })).toBe('NaN');
  });
});

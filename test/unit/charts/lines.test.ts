import { describe, expect, it } from 'vitest';
import { linePath } from '../../../src/charts/lines.ts';

const NONE = Number.NaN;

describe('linePath', () => {
  it('breaks at gaps and shows a point alone between gaps as a dot', () => {
    const y = [1, 2, NONE, 3, NONE, 4, 5];
    expect(linePath(y.map((value, x) => [x, value]))).toBe('M0 1L1 2M3 3h0M5 4L6 5');
  });

  it('is a dot for one point, and empty for none', () => {
    expect(linePath([[1.26, 2]])).toBe('M1.3 2h0');
    expect(linePath([])).toBe('');
    expect(linePath([[1, NONE]])).toBe('');
  });
});

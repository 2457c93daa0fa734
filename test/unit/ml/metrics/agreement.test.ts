import { describe, expect, it } from 'vitest';
import { ExpectedFailure } from '../../../../src/core/failure.ts';
import { measureAccuracy } from '../../../../src/ml/metrics/accuracy.ts';
import { measureAri } from '../../../../src/ml/metrics/ari.ts';
import { measureNmi } from '../../../../src/ml/metrics/nmi.ts';
import decSmall from '../../../golden/ml/dec-small-metrics.json' with { type: 'json' };
import golden from '../../../golden/ml/metrics.json' with { type: 'json' };

describe.each([
  ['the hand-checked small cases (golden/ml/dec-small-metrics.json)', decSmall.cases],
  ['scikit-learn and scipy (golden/ml/metrics.py)', golden.partitions],
])('against %s', (_, cases) => {
  it.each(
    cases.map((one) => [one.y.length, new Set(one.y).size, new Set(one.c).size, one] as const),
  )('ACC, NMI and ARI of %i items, %i labels, %i clusters', (_items, _labels, _clusters, {
    y,
    c,
    acc,
    nmi,
    ari,
  }) => {
    expect(measureAccuracy(y, c)).toBeCloseTo(acc, 14);
    expect(measureNmi(y, c)).toBeCloseTo(nmi, 13);
    expect(measureAri(y, c)).toBeCloseTo(ari, 13);
  });
});

describe('degenerate partitions', () => {
  it('have NMI 0: one cluster, one label, both', () => {
    expect(measureNmi([0, 0, 1], [0, 0, 0])).toBe(0);
    expect(measureNmi([0, 0, 0], [0, 1, 2])).toBe(0);
    expect(measureNmi([0, 0], [0, 0])).toBe(0);
  });

  it('have ARI 1 where both are trivially equal, 0 where one is trivial and the other not', () => {
    expect(measureAri([0, 0, 0], [1, 1, 1])).toBe(1);
    expect(measureAri([0, 1, 2], [2, 0, 1])).toBe(1);
    expect(measureAri([0], [0])).toBe(1);
    expect(measureAri([0, 0, 1], [0, 0, 0])).toBe(0);
  });

  it('one cluster has the accuracy of the largest class', () => {
    expect(measureAccuracy([0, 1, 1, 2], [0, 0, 0, 0])).toBe(0.5);
  });

  it('an unused number between labels changes nothing', () => {
    expect(measureAccuracy([0, 7, 7], [3, 0, 0])).toBe(1);
    expect(measureNmi([0, 7, 7], [3, 0, 0])).toBeCloseTo(1, 15);
    expect(measureAri([0, 7, 7], [3, 0, 0])).toBe(1);
  });
});

describe('what cannot be measured', () => {
  it('no items is a named failure, not NaN', () => {
    for (const measure of [measureAccuracy, measureNmi, measureAri]) {
      expect(() => measure([], [])).toThrow(ExpectedFailure);
    }
  });

  it.each([
    [[0, 1], [0], 'lengths'],
    [[0, -1], [0, 0], 'a negative label'],
    [[0, 0.5], [0, 0], 'a fraction'],
    [[0, Number.NaN], [0, 0], 'NaN'],
  ])('%j against %j is a bug (%s)', (y, c) => {
    expect(() => measureAccuracy(y, c)).toThrow(RangeError);
  });
});

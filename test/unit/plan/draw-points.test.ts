import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RandomSpec } from '../../../src/core/pipeline.ts';
import { drawPoints } from '../../../src/plan/draw-points.ts';

const SPEC: RandomSpec = {
  points: 8,
  seed: 1,
  axes: {
    gamma: { kind: 'logUniform', from: 0.001, to: 1 },
    rate: { kind: 'uniform', from: -1, to: 3 },
    dim: { kind: 'integer', from: 2, to: 5 },
    method: { kind: 'choice', values: ['dec', 'dcec'] },
  },
};
const valuesOf = (spec: RandomSpec) => drawPoints(spec).map(({ values }) => values);

describe('drawPoints', () => {
  it('draws the same points each time, and others with another seed', () => {
    expect(valuesOf(SPEC)).toEqual(valuesOf(SPEC));
    expect(valuesOf({ ...SPEC, seed: 2 })).not.toEqual(valuesOf(SPEC));
  });

  it('draws these, on any machine', () => {
    expect(valuesOf({ ...SPEC, points: 2 })).toMatchInlineSnapshot(`
      [
        [
          0.00116711,
          -0.335999,
          2,
          "dcec",
        ],
        [
          0.0928479,
          0.888743,
          2,
          "dec",
        ],
      ]
    `);
  });

  it('keeps all points when the budget grows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.nat(),
        (few, more, seed) => {
          const [small, large] = [few, few + more].map((points) => valuesOf({ ...SPEC, points, seed }));
          expect(large.slice(0, small.length)).toEqual(small);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves the values of an axis as they were when another is added', () => {
    const { gamma } = SPEC.axes;
    const alone = valuesOf({ ...SPEC, axes: { gamma } });
    expect(valuesOf(SPEC).map(([value]) => [value])).toEqual(alone);
  });

  it('stays within the ranges, rounds to six digits, and reaches all of a range', () => {
    const drawn = valuesOf({ ...SPEC, points: 500 });
    for (const [gamma, rate, dim, method] of drawn as [number, number, number, string][]) {
      expect(gamma).toBeGreaterThanOrEqual(0.001);
      expect(gamma).toBeLessThanOrEqual(1);
      expect(Number(gamma.toPrecision(6))).toBe(gamma);
      expect(rate).toBeGreaterThanOrEqual(-1);
      expect(rate).toBeLessThanOrEqual(3);
      expect([2, 3, 4, 5]).toContain(dim);
      expect(['dec', 'dcec']).toContain(method);
    }
    // Each power of ten alike: a third of 500 below 0.01; sd is 10.5.
    const low = drawn.filter(([gamma]) => (gamma as number) < 0.01).length;
    expect(Math.abs(low - 500 / 3)).toBeLessThan(45);
    expect(new Set(drawn.map(([, , dim]) => dim)).size).toBe(4);
  });

  it('draws no point twice, and fewer where there are no more', () => {
    const axes = { method: SPEC.axes.method, dim: SPEC.axes.dim };
    const drawn = valuesOf({ points: 50, seed: 0, axes });
    expect(drawn).toHaveLength(8);
    expect(new Set(drawn.map((values) => values.join())).size).toBe(8);
  });
});

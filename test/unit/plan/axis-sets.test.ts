import { describe, expect, it } from 'vitest';
import { AxisSets } from '../../../src/plan/axis-sets.ts';

describe('sets of axes', () => {
  const sets = new AxisSets(['gamma', 'seed', 'embeddingDim']);

  it('are one object for each set, in the order of the file', () => {
    expect(sets.of(['seed', 'gamma', 'seed']).names).toEqual(['gamma', 'seed']);
    expect(sets.of(['seed', 'gamma'])).toBe(sets.of(new Set(['gamma', 'seed'])));
  });

  it('unite to such an object', () => {
    const [gamma, seed] = [sets.of(['gamma']), sets.of(['seed'])];
    const both = sets.of(['gamma', 'seed']);
    expect(sets.union(seed, gamma)).toBe(both);
    expect(sets.union(seed, gamma)).toBe(both);
    expect(sets.union(both, seed)).toBe(both);
    expect(sets.union(sets.of([]), seed)).toBe(seed);
  });

  it('give a point’s part, and the point itself where they are all', () => {
    const point = { gamma: 0.1, seed: 3, embeddingDim: 10 };
    expect(sets.restrict(point, sets.of(['embeddingDim', 'gamma']))).toEqual({
      gamma: 0.1,
      embeddingDim: 10,
    });
    expect(sets.restrict(point, sets.of(['embeddingDim', 'gamma', 'seed']))).toBe(point);
  });
});

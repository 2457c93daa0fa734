import { describe, expect, it } from 'vitest';
import { editDistance, nearest, suggest } from '../../../src/core/suggest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3], // Levenshtein's textbook pair
    ['gamma', 'gmama', 1], // a swap of neighbours counts once
    ['ca', 'abc', 3], // optimal string alignment; unrestricted Damerau has 2
  ])('of %j and %j is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('nearest', () => {
  it('finds slips, other case, and the other dash', () => {
    expect(nearest('gama', ['alpha', 'gamma'])).toBe('gamma');
    expect(nearest('kmeans_init', ['kmeans-init'])).toBe('kmeans-init');
    expect(nearest('EmbeddingDim', ['embeddingDim'])).toBe('embeddingDim');
  });

  it('prefers the nearest, and the first of two', () => {
    expect(nearest('tran', ['brain', 'train', 'trap'])).toBe('train');
  });

  it('finds nothing where all are far, or anything would do', () => {
    expect(nearest('lr', ['embeddingDim', 'epochs'])).toBeNull();
    expect(nearest('x', ['y'])).toBeNull();
    expect(nearest('a'.repeat(10_000), ['b'.repeat(10_000)])).toBeNull();
  });
});

describe('suggest', () => {
  it('lists what there is where nothing is near, twenty at most', () => {
    expect(suggest('lr', ['a', 'b'], 'known are')).toBe('known are: a, b');
    expect(suggest('lr', [], 'known are')).toBeUndefined();
    const many = Array.from({ length: 30 }, (_, index) => `parameter-${index}`);
    expect(suggest('lr', many, 'known are')).toMatch(/parameter-19, …$/);
  });
});

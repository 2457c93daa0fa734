import { describe, expect, it } from 'vitest';
import { walkGraph } from '../../../src/spec/find-cycles.ts';

const walk = (edges: { [node: string]: string[] }) => walkGraph(Object.keys(edges), (node) => edges[node]);

describe('walkGraph', () => {
  it('orders what is led to before what leads there, and counts the longest way', () => {
    const { order, depths, cycles } = walk({ d: ['b', 'c'], b: ['a'], c: ['b'], a: [] });
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect(Object.fromEntries(depths)).toEqual({ a: 1, b: 2, c: 3, d: 4 });
    expect(cycles).toEqual([]);
  });

  it('tells a circle from its first node in the order given, wherever it is entered', () => {
    expect(walk({ x: ['c'], a: ['b'], b: ['c'], c: ['a'] }).cycles).toEqual([['a', 'b', 'c', 'a']]);
    expect(walk({ a: ['a'], b: [] }).cycles).toEqual([['a', 'a']]);
  });

  it('tells circles that are apart one by one', () => {
    expect(walk({ a: ['b'], b: ['a'], c: ['d'], d: ['c'] }).cycles).toEqual([
      ['a', 'b', 'a'],
      ['c', 'd', 'c'],
    ]);
  });

  it('walks chains longer than any stack', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`);
    const { depths } = walkGraph(names, (node) =>
      [`n${Number(node.slice(1)) + 1}`].filter((next) => next !== 'n100000'),
    );
    expect(depths.get('n0')).toBe(100_000);
  });
});

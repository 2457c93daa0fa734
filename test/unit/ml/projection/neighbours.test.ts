import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/random.ts';
import { computeAllAffinities, computeNearAffinities } from '../../../../src/ml/projection/affinities.ts';
import { findNeighbours } from '../../../../src/ml/projection/neighbours.ts';
import { Quadtree } from '../../../../src/ml/projection/quadtree.ts';
import { measureTrustworthiness } from '../../../../src/ml/projection/trustworthiness.ts';
import { golden, noPause, sliceRows, toMatrix, train } from './golden.ts';

describe('findNeighbours', () => {
  const line = toMatrix([[0], [1], [3], [3], [7]]);

  it('lists the nearest first, the first of equals first, and no row as its own', async () => {
    const near = await findNeighbours({
      queries: line,
      reference: line,
      count: 3,
      excludeSelf: true,
      pause: noPause,
    });
    expect([...near.indices.slice(0, 3)]).toEqual([1, 2, 3]);
    expect([...near.indices.slice(6, 9)]).toEqual([3, 1, 0]);
    expect([...near.indices.slice(12, 15)]).toEqual([2, 3, 1]);
    expect([...near.distances.slice(12, 15)]).toEqual([4, 4, 6]);
  });

  it('finds a query that is among the reference at distance 0', async () => {
    const search = {
      queries: toMatrix([[7]]),
      reference: line,
      count: 1,
      excludeSelf: false,
      pause: noPause,
    };
    const near = await findNeighbours(search);
    expect([near.indices[0], near.distances[0]]).toEqual([4, 0]);
  });

  it('refuses to look for more than there are', async () => {
    const search = { queries: line, reference: line, count: 5, excludeSelf: true, pause: noPause };
    await expect(findNeighbours(search)).rejects.toThrow(RangeError);
  });
});

describe('affinities', () => {
  const { perplexity, rows } = golden.affinities;

  it('of all pairs are those of openTSNE, symmetric, and sum to 1', async () => {
    const { starts, columns, values } = await computeAllAffinities(train, perplexity, noPause);
    rows.forEach((row, i) => {
      for (let at = starts[i]; at < starts[i + 1]; at++) {
        expect(values[at]).toBeCloseTo(row[columns[at]], 9); // openTSNE bisects the entropy to 1e-8
      }
    });
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    const p = new Map<string, number>();
    for (let i = 0; i < train.rows; i++)
      for (let at = starts[i]; at < starts[i + 1]; at++) p.set(`${i},${columns[at]}`, values[at]);
    for (const [key, value] of p) expect(p.get(key.split(',').reverse().join(','))).toBe(value);
  });

  it('of the nearest are almost those of all pairs, symmetric, and sum to 1', async () => {
    const all = await computeAllAffinities(train, perplexity, noPause);
    const near = await computeNearAffinities(train, perplexity, noPause);
    expect(near.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    let difference = 0;
    for (let i = 0; i < train.rows; i++) {
      const row = new Float64Array(train.rows);
      for (let at = all.starts[i]; at < all.starts[i + 1]; at++) row[all.columns[at]] = all.values[at];
      for (let at = near.starts[i]; at < near.starts[i + 1]; at++) row[near.columns[at]] -= near.values[at];
      difference += row.reduce((sum, value) => sum + Math.abs(value), 0);
    }
    expect(difference).toBeLessThan(0.1);
    expect(difference).toBeGreaterThan(0);
  });

  it('do not change when the data is scaled, also to the ends of the range', async () => {
    const base = await computeAllAffinities(train, perplexity, noPause);
    for (const scale of [1e-120, 1e120]) {
      const scaled = { ...train, data: train.data.map((value) => value * scale) };
      const { values } = await computeAllAffinities(scaled, perplexity, noPause);
      values.forEach((value, at) => {
        expect(value).toBeCloseTo(base.values[at], 10);
      });
    }
  });

  it('of equal points are all alike', async () => {
    const { values } = await computeAllAffinities(
      { data: new Float64Array(20), rows: 10, columns: 2 },
      3,
      noPause,
    );
    for (const value of values) expect(value).toBeCloseTo(1 / 90, 14);
  });
});

describe('Quadtree', () => {
  const random = createRandom('tree');
  const points = Float64Array.from({ length: 2 * 300 }, () => random.normal() * 20);
  for (let copy = 0; copy < 40; copy++) points.set(points.subarray(0, 2), 2 * copy); // 40 points in one place
  points.set([points[100] * (1 + 1e-15), points[101]], 102); // and two that no division parts

  function repel(theta: number) {
    const tree = new Quadtree();
    tree.build(points);
    const force = new Float64Array(points.length);
    const sums = Array.from({ length: 300 }, (_, i) =>
      tree.addRepulsion(points[2 * i], points[2 * i + 1], theta, force, 2 * i),
    );
    return { force, sums };
  }

  function repelDirectly() {
    const force = new Float64Array(points.length);
    const sums = new Float64Array(300);
    for (let i = 0; i < 300; i++) {
      for (let j = 0; j < 300; j++) {
        const dx = points[2 * i] - points[2 * j];
        const dy = points[2 * i + 1] - points[2 * j + 1];
        const kernel = 1 / (1 + dx * dx + dy * dy);
        sums[i] += kernel;
        force[2 * i] += kernel * kernel * dx;
        force[2 * i + 1] += kernel * kernel * dy;
      }
    }
    return { force, sums };
  }

  it('is exact at theta 0', () => {
    const tree = repel(0);
    const direct = repelDirectly();
    direct.sums.forEach((sum, i) => {
      expect(tree.sums[i]).toBeCloseTo(sum, 9);
    });
    direct.force.forEach((force, at) => {
      expect(tree.force[at]).toBeCloseTo(force, 9);
    });
  });

  it('is within 2 % of all forces at theta 0.5', () => {
    const tree = repel(0.5);
    const direct = repelDirectly();
    const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    const error = norm(direct.force.map((force, at) => force - tree.force[at])) / norm(direct.force);
    expect(error).toBeLessThan(0.02);
    expect(error).toBeGreaterThan(0);
  });

  it('forgets the points before', () => {
    const tree = new Quadtree();
    tree.build(points);
    tree.build(Float64Array.of(0, 0, 3, 4));
    const force = new Float64Array(2);
    expect(tree.addRepulsion(0, 0, 0.5, force, 0)).toBeCloseTo(1 + 1 / 26, 15);
    expect(force[0]).toBeCloseTo(-3 / 676, 15);
  });
});

describe('measureTrustworthiness', () => {
  it.each(golden.trustworthiness)('is that of scikit-learn for $neighbours neighbours', async ({
    neighbours,
    expected,
  }) => {
    const projected = toMatrix(golden.train.map((row) => row.slice(0, 2)));
    const value = await measureTrustworthiness({ original: train, projected, neighbours, pause: noPause });
    expect(value).toBeCloseTo(expected, 13);
  });

  it('is 1 of the original itself, and nothing for three points', async () => {
    expect(await measureTrustworthiness({ original: train, projected: train, pause: noPause })).toBe(1);
    const three = sliceRows(train, 0, 2);
    expect(await measureTrustworthiness({ original: three, projected: three, pause: noPause })).toBeNull();
  });
});

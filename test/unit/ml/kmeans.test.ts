import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { clusterSizes, kmeans, kmeansFrom } from '../../../src/ml/kmeans.ts';
import { seedCentres } from '../../../src/ml/kmeans-seeding.ts';
import type { Matrix } from '../../../src/ml/matrix.ts';
import golden from '../../golden/ml-training/kmeans.json' with { type: 'json' };

const table = (rows: readonly (readonly number[])[]): Matrix => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  columns: rows[0].length,
});
/** `count` points round each corner, within ±0.5. */
function blobs(corners: readonly (readonly number[])[], count: number): Matrix {
  const random = createRandom('blobs');
  return table(
    corners.flatMap((corner) =>
      Array.from({ length: count }, () => corner.map((at) => at + random.next() - 0.5)),
    ),
  );
}
const corners = [
  [0, 0],
  [9, 0],
  [0, 9],
  [9, 9],
];

describe('kmeansFrom', () => {
  it.each([
    ['given centres', 0],
    ['a centre without points, which moves to the farthest', 1],
  ])('agrees with scikit-learn from %s', (_, index) => {
    const { points, rows, columns, start, ...expected } = golden[index];
    const result = kmeansFrom(
      { data: Float64Array.from(points), rows, columns },
      { data: Float64Array.from(start), rows: start.length / columns, columns },
    );
    expect(Array.from(result.assignments)).toEqual(expected.labels);
    expect(result.inertia).toBeCloseTo(expected.inertia, 9);
    result.centres.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.centres[i], 11);
    });
    expect(result.converged).toBe(true);
  });

  it('does not empty a cluster of one point to fill another', () => {
    const points = table([[0], [0.1], [0.2], [10]]); // 10 is farthest from its centre, and alone there
    const { assignments } = kmeansFrom(points, table([[0.1], [15], [-50]]));
    expect(clusterSizes(assignments, 3).sort()).toEqual([1, 1, 2]);
    expect(assignments[3]).toBe(1);
  });

  it('says when it was stopped early', () => {
    const points = blobs(corners, 25);
    const start = seedCentres(points, 4, 'random', createRandom('early'));
    expect(kmeansFrom(points, start, 1)).toMatchObject({ iterations: 1, converged: false });
  });
});

describe('kmeans', () => {
  it.each(['k-means++', 'random'] as const)('finds separate groups with seeding %s', (seeding) => {
    const { assignments, centres } = kmeans(blobs(corners, 25), { k: 4, seeding }, createRandom('seed'));
    expect(clusterSizes(assignments, 4)).toEqual([25, 25, 25, 25]);
    const found = Array.from(
      { length: 4 },
      (_, j) => `${Math.round(centres.data[2 * j] / 9)}${Math.round(centres.data[2 * j + 1] / 9)}`,
    );
    expect(found.sort()).toEqual(['00', '01', '10', '11']);
  });

  it('keeps the restart with the least inertia', () => {
    const points = blobs([...corners, [4.5, 4.5], [20, 3], [3, 20]], 6);
    const inertias = Array.from({ length: 8 }, (_, restart) => {
      const start = seedCentres(points, 7, 'random', createRandom('many').fork(`restart-${restart}`));
      return kmeansFrom(points, start).inertia;
    });
    expect(new Set(inertias).size).toBeGreaterThan(1);
    const result = kmeans(points, { k: 7, seeding: 'random', restarts: 8 }, createRandom('many'));
    expect(result.inertia).toBe(Math.min(...inertias));
  });

  it('leaves no cluster empty where most points coincide', () => {
    const points = table([[0], [0], [0], [0], [0], [0], [1], [2]]);
    const { assignments, inertia } = kmeans(points, { k: 3, seeding: 'random' }, createRandom('same'));
    expect(clusterSizes(assignments, 3).sort()).toEqual([1, 1, 6]);
    expect(inertia).toBe(0);
  });

  it('gives one cluster the mean', () => {
    const { centres } = kmeans(
      table([
        [0, 2],
        [4, 4],
      ]),
      { k: 1 },
      createRandom('one'),
    );
    expect(Array.from(centres.data)).toEqual([2, 3]);
  });

  it('refuses more clusters than there are distinct points', () => {
    const points = table([
      [1, 1],
      [1, 1],
      [2, 2],
      [1, 1],
    ]);
    expect(() => kmeans(points, { k: 3 }, createRandom('few'))).toThrow(/3 distinct points, and there are 2/);
  });

  it('refuses values that are not finite, and says where', () => {
    const points = table([
      [1, 1],
      [1, Number.NaN],
    ]);
    expect(() => kmeans(points, { k: 1 }, createRandom('nan'))).toThrow(/row 1, column 1 is NaN/);
  });
});

describe('greedy k-means++', () => {
  it('starts in four groups nearly always; one draw each would miss one in about 14 of 100', () => {
    const points = blobs(
      corners.map((corner) => corner.map((at) => at / 3)),
      25,
    );
    const share = (seeding: 'k-means++' | 'random') => {
      const hits = Array.from({ length: 300 }, (_, i) => {
        const { data } = seedCentres(points, 4, seeding, createRandom(`draw-${i}`));
        const groups = [0, 2, 4, 6].map((at) => `${data[at] > 1.5} ${data[at + 1] > 1.5}`);
        return new Set(groups).size === 4;
      });
      return hits.filter(Boolean).length / hits.length;
    };
    expect(share('k-means++')).toBeGreaterThan(0.97);
    expect(share('random')).toBeLessThan(0.2); // 4! / 4⁴ = .094 with replacement
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { clusterSizes, kmeans } from '../../../src/ml/kmeans.ts';
import { assignToCentres } from '../../../src/ml/nearest-centre.ts';

/** Few values, so that points often coincide and distances often tie. */
const problem = fc.record({
  values: fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), {
    minLength: 1,
    maxLength: 25,
  }),
  wanted: fc.integer({ min: 1, max: 5 }),
  seeding: fc.constantFrom('k-means++' as const, 'random' as const),
  seed: fc.string(),
});

describe('kmeans', () => {
  it('gives no empty cluster, each point its nearest centre, each centre its points’ mean', () => {
    fc.assert(
      fc.property(problem, ({ values, wanted, seeding, seed }) => {
        const points = { data: Float64Array.from(values.flat()), rows: values.length, columns: 2 };
        const k = Math.min(wanted, new Set(values.map(String)).size);
        const run = () => kmeans(points, { k, seeding, restarts: 3 }, createRandom(seed));
        const { centres, assignments, inertia, converged } = run();
        expect(converged).toBe(true);
        const sizes = clusterSizes(assignments, k);
        expect(sizes.every((size) => size > 0)).toBe(true);
        expect(assignToCentres(points, centres)).toMatchObject({ assignments, inertia });
        for (let i = 0; i < 2 * k; i++) {
          const sum = values.reduce(
            (s, value, row) => s + (assignments[row] === i >> 1 ? value[i % 2] : 0),
            0,
          );
          expect(centres.data[i]).toBe(sum / sizes[i >> 1]);
        }
        expect(run()).toEqual({ ...run() });
      }),
      { numRuns: 300 },
    );
  });
});

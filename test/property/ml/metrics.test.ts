import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureAccuracy } from '../../../src/ml/metrics/accuracy.ts';
import { measureAri } from '../../../src/ml/metrics/ari.ts';
import { assignClusters } from '../../../src/ml/metrics/assignment.ts';
import { matchConfusion } from '../../../src/ml/metrics/confusion.ts';
import { countSizes } from '../../../src/ml/metrics/contingency.ts';
import { measureNmi } from '../../../src/ml/metrics/nmi.ts';

const KINDS = 6;
const label = fc.nat({ max: KINDS - 1 });
const items = fc.array(fc.tuple(label, label), { minLength: 1, maxLength: 60 });
const renaming = fc.shuffledSubarray([...Array(KINDS).keys()], { minLength: KINDS, maxLength: KINDS });
const split = (pairs: readonly (readonly [number, number])[]) => [
  pairs.map(([y]) => y),
  pairs.map(([, c]) => c),
];
const measures = [measureAccuracy, measureNmi, measureAri];

describe('ACC, NMI and ARI', () => {
  it('do not depend on the names of labels or clusters', () => {
    fc.assert(
      fc.property(items, renaming, renaming, (pairs, names, otherNames) => {
        const [y, c] = split(pairs);
        for (const measure of measures) {
          const renamed = measure(
            y.map((one) => names[one]),
            c.map((one) => otherNames[one]),
          );
          expect(renamed).toBeCloseTo(measure(y, c), 12);
        }
      }),
    );
  });

  it('do not depend on the order of items', () => {
    fc.assert(
      fc.property(items, fc.infiniteStream(fc.nat()), (pairs, keys) => {
        const shuffled = pairs
          .map((pair) => ({ pair, key: keys.next().value }))
          .sort((a, b) => a.key - b.key);
        const [y, c] = split(pairs);
        const [otherY, otherC] = split(shuffled.map(({ pair }) => pair));
        for (const measure of measures) expect(measure(otherY, otherC)).toBe(measure(y, c));
      }),
    );
  });

  it('are symmetric in labels and clusters', () => {
    fc.assert(
      fc.property(items, (pairs) => {
        const [y, c] = split(pairs);
        for (const measure of measures) expect(measure(c, y)).toBeCloseTo(measure(y, c), 12);
      }),
    );
  });

  it('stay in their bounds; ACC is at least the largest common share and 1 over the number of clusters', () => {
    fc.assert(
      fc.property(items, (pairs) => {
        const [y, c] = split(pairs);
        const accuracy = measureAccuracy(y, c);
        const together = countSizes(
          pairs.map(([one, other]) => one * KINDS + other),
          KINDS * KINDS,
        );
        expect(accuracy).toBeGreaterThanOrEqual(Math.max(...together) / pairs.length);
        expect(accuracy).toBeGreaterThanOrEqual(1 / KINDS - 1e-12);
        expect(accuracy).toBeLessThanOrEqual(1);
        expect(measureNmi(y, c)).toBeGreaterThanOrEqual(0);
        expect(measureNmi(y, c)).toBeLessThanOrEqual(1);
        expect(measureAri(y, c)).toBeGreaterThanOrEqual(-0.5 - 1e-12);
        expect(measureAri(y, c)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('a partition agrees with its own renaming entirely; ACC of all in one cluster is the majority share', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 40 }), renaming, (y, names) => {
        const renamed = y.map((one) => names[one]);
        expect(measureAccuracy(y, renamed)).toBe(1);
        expect(measureAri(y, renamed)).toBe(1);
        expect(measureNmi(y, renamed)).toBeCloseTo(new Set(y).size > 1 ? 1 : 0, 12);
        const oneCluster = y.map(() => 0);
        expect(measureAccuracy(y, oneCluster)).toBe(Math.max(...countSizes(y, KINDS)) / y.length);
      }),
    );
  });
});

describe('assignClusters', () => {
  it('finds the best of all matchings, rectangular tables included', () => {
    const row = (columns: number) =>
      fc.array(fc.nat({ max: 20 }), { minLength: columns, maxLength: columns });
    const table = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
      .chain(([rows, columns]) => fc.array(row(columns), { minLength: rows, maxLength: rows }));
    fc.assert(
      fc.property(table, (counts) => {
        const { labelOfCluster, matched } = assignClusters({ counts, total: 1 });
        expect(matched).toBe(bestTotal(counts));
        const used = labelOfCluster.filter((one) => one >= 0);
        expect(new Set(used).size).toBe(used.length);
        expect(used.length).toBe(Math.min(counts.length, counts[0].length));
      }),
    );
  });

  it('puts exactly the matched items on the confusion diagonal and keeps every item', () => {
    fc.assert(
      fc.property(items, (pairs) => {
        const [y, c] = split(pairs);
        const { matrix } = matchConfusion(y, c);
        const diagonal = matrix.reduce((sum, row, at) => sum + row[at], 0);
        expect(diagonal / pairs.length).toBe(measureAccuracy(y, c));
        expect(matrix.flat().reduce((sum, count) => sum + count, 0)).toBe(pairs.length);
      }),
    );
  });
});

/** By trying all: each row takes a free column or none. */
function bestTotal(counts: readonly (readonly number[])[], from = 0, taken: readonly number[] = []): number {
  if (from === counts.length) return 0;
  let best = bestTotal(counts, from + 1, taken);
  counts[from].forEach((count, column) => {
    if (!taken.includes(column))
      best = Math.max(best, count + bestTotal(counts, from + 1, [...taken, column]));
  });
  return best;
}

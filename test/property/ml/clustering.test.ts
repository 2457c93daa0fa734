import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dcec } from '../../../src/ml/clustering/dcec.ts';
import { dec } from '../../../src/ml/clustering/dec.ts';
import { klDivergence, klLoss } from '../../../src/ml/clustering/kl-loss.ts';
import { softAssignment, targetDistribution } from '../../../src/ml/clustering/soft-assignment.ts';
import type { Matrix } from '../../../src/ml/matrix.ts';

const table = (rows: number, columns: number, reach: number): fc.Arbitrary<Matrix> =>
  fc
    .array(fc.double({ min: -reach, max: reach, noNaN: true }), {
      minLength: rows * columns,
      maxLength: rows * columns,
    })
    .map((values) => ({ data: Float64Array.from(values), rows, columns }));
const problem = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([n, k, d]) =>
    fc.record({ z: table(n, d, 3), mu: table(k, d, 3), alpha: fc.constantFrom(0.5, 1, 2, 7) }),
  );
const rowSums = ({ data, rows, columns }: Matrix) =>
  Array.from({ length: rows }, (_, i) =>
    Array.from(data.subarray(i * columns, (i + 1) * columns)).reduce((a, b) => a + b, 0),
  );

describe('soft assignments and targets', () => {
  it('are distributions over the clusters', () => {
    fc.assert(
      fc.property(problem, ({ z, mu, alpha }) => {
        const q = softAssignment(z, mu, alpha);
        for (const table of [q, targetDistribution(q)]) {
          expect(table.data.every((value) => value >= 0 && value <= 1 + 1e-12)).toBe(true);
          for (const sum of rowSums(table)) expect(sum).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  it('are as the clusters are numbered', () => {
    fc.assert(
      fc.property(problem, ({ z, mu, alpha }) => {
        const reversed = { ...mu, data: reverseRows(mu) };
        const forward = softAssignment(z, mu, alpha);
        const backward = softAssignment(z, reversed, alpha);
        reverseColumns(backward).forEach((value, i) => {
          expect(value).toBeCloseTo(forward.data[i], 12);
        });
      }),
    );
  });
});

describe('the clustering loss', () => {
  it('is never negative', () => {
    fc.assert(
      fc.property(problem, ({ z, mu, alpha }) => {
        const q = softAssignment(z, mu, alpha);
        expect(klDivergence(targetDistribution(q), q)).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
  });

  it('has the gradients that numerical differentiation finds', () => {
    fc.assert(
      fc.property(problem, ({ z, mu, alpha }) => {
        const p = targetDistribution(softAssignment(z, mu, alpha));
        const { embeddingGradient, centreGradient } = klLoss({ z, mu, p, alpha });
        const value = (change: Partial<{ z: Matrix; mu: Matrix }>) =>
          klLoss({ z, mu, p, alpha, ...change }).value;
        embeddingGradient.forEach((gradient, i) => {
          expect(gradient).toBeCloseTo(
            slope((step) => value({ z: moved(z, i, step) })),
            6,
          );
        });
        centreGradient.forEach((gradient, i) => {
          expect(gradient).toBeCloseTo(
            slope((step) => value({ mu: moved(mu, i, step) })),
            6,
          );
        });
      }),
    );
  });

  it('pulls embeddings and centres at each other: all gradients sum to nothing', () => {
    fc.assert(
      fc.property(problem, ({ z, mu, alpha }) => {
        const p = targetDistribution(softAssignment(z, mu, alpha));
        const { embeddingGradient, centreGradient } = klLoss({ z, mu, p, alpha });
        const total = [...embeddingGradient, ...centreGradient].reduce((a, b) => a + b, 0);
        expect(total).toBeCloseTo(0, 12);
      }),
    );
  });

  it('is of DCEC what it is of DEC, whatever γ', () => {
    fc.assert(
      fc.property(problem, fc.double({ min: 0, max: 2, noNaN: true }), ({ z, mu, alpha }, gamma) => {
        const [plain, joint] = [dec({ alpha }), dcec({ alpha, gamma })];
        const p = plain.targets(plain.memberships(z, mu));
        expect(joint.targets(joint.memberships(z, mu))).toEqual(p);
        expect(joint.loss(z, mu, p)).toEqual(plain.loss(z, mu, p));
      }),
    );
  });
});

function slope(value: (step: number) => number): number {
  const step = 1e-5;
  return (value(step) - value(-step)) / (2 * step);
}

function moved(matrix: Matrix, index: number, step: number): Matrix {
  return { ...matrix, data: matrix.data.map((value, i) => (i === index ? value + step : value)) };
}

function reverseRows({ data, rows, columns }: Matrix): Float64Array {
  return Float64Array.from(
    data,
    (_, i) => data[(rows - 1 - Math.floor(i / columns)) * columns + (i % columns)],
  );
}

function reverseColumns({ data, columns }: Matrix): Float64Array {
  return Float64Array.from(
    data,
    (_, i) => data[Math.floor(i / columns) * columns + columns - 1 - (i % columns)],
  );
}

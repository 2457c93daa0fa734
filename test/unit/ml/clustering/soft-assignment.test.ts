import { describe, expect, it } from 'vitest';
import {
  hardAssignments,
  softAssignment,
  softFrequencies,
  targetDistribution,
} from '../../../../src/ml/clustering/soft-assignment.ts';
import type { Matrix } from '../../../../src/ml/matrix.ts';
import golden from '../../../golden/ml-training/dec-small.json' with { type: 'json' };

const table = (rows: readonly (readonly number[])[]): Matrix => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  columns: rows[0].length,
});
const expectClose = (actual: ArrayLike<number>, expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, 14);
  });
};

describe('softAssignment', () => {
  it.each([
    [1, golden.q],
    [2, golden.q_alpha2],
  ])('is the recorded q at α = %d', (alpha, expected) => {
    expectClose(softAssignment(table(golden.z), table(golden.mu), alpha).data, expected.flat());
  });
});

describe('targetDistribution', () => {
  it('is the recorded p', () => {
    expectClose(
      targetDistribution(softAssignment(table(golden.z), table(golden.mu), 1)).data,
      golden.p.flat(),
    );
  });

  it('is METHODS’ example: q = [[.5, .5], [0, 1]] gives p = [[.75, .25], [0, 1]]', () => {
    expectClose(
      targetDistribution(
        table([
          [0.5, 0.5],
          [0, 1],
        ]),
      ).data,
      [0.75, 0.25, 0, 1],
    );
  });

  it('stays finite where a cluster has no weight at all', () => {
    expectClose(
      targetDistribution(
        table([
          [1, 0],
          [1, 0],
        ]),
      ).data,
      [1, 0, 1, 0],
    );
  });
});

describe('what is read off q', () => {
  it('sums each cluster', () => {
    expectClose(
      softFrequencies(
        table([
          [0.5, 0.5],
          [0, 1],
        ]),
      ),
      [0.5, 1.5],
    );
  });

  it('assigns the largest, the first of equals', () => {
    expect(
      Array.from(
        hardAssignments(
          table([
            [0.2, 0.8],
            [0.5, 0.5],
            [0.9, 0.1],
          ]),
        ),
      ),
    ).toEqual([1, 0, 0]);
  });
});

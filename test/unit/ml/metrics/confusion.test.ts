import { describe, expect, it } from 'vitest';
import { assignClusters } from '../../../../src/ml/metrics/assignment.ts';
import { matchConfusion } from '../../../../src/ml/metrics/confusion.ts';
import { countContingency, countSizes } from '../../../../src/ml/metrics/contingency.ts';

describe('assignClusters', () => {
  it('maximises agreement where the greedy choice would not', () => {
    // Greedy takes 5 (0→0) and is left with 0; the best total is 4 + 4.
    expect(
      assignClusters({
        counts: [
          [5, 4],
          [4, 0],
        ],
        total: 13,
      }),
    ).toEqual({ labelOfCluster: [1, 0], matched: 8 });
  });

  it('leaves clusters over where labels are fewer, and labels where clusters are', () => {
    expect(assignClusters({ counts: [[1, 5, 2]], total: 8 })).toEqual({
      labelOfCluster: [-1, 0, -1],
      matched: 5,
    });
    expect(assignClusters({ counts: [[1], [5], [2]], total: 8 })).toEqual({
      labelOfCluster: [1],
      matched: 5,
    });
  });
});

describe('matchConfusion', () => {
  it('puts matched clusters on the diagonal', () => {
    const confusion = matchConfusion([0, 0, 0, 1, 1, 2], [2, 2, 0, 0, 0, 1]);
    expect(confusion.clusterOfColumn).toEqual([2, 0, 1]);
    expect(confusion.labelOfCluster).toEqual([1, 2, 0]);
    expect(confusion.matrix).toEqual([
      [2, 1, 0],
      [0, 2, 0],
      [0, 0, 1],
    ]);
  });

  it('shows clusters that no label is left for after the others', () => {
    const confusion = matchConfusion([0, 0, 1, 1, 1], [1, 1, 0, 0, 2]);
    expect(confusion.clusterOfColumn).toEqual([1, 0, 2]);
    expect(confusion.matrix).toEqual([
      [2, 0, 0],
      [0, 2, 1],
    ]);
  });

  it('keeps an empty column for a label without a cluster', () => {
    const confusion = matchConfusion([0, 1, 2, 2], [0, 0, 1, 1]);
    expect(confusion.clusterOfColumn.filter((cluster) => cluster === null)).toHaveLength(1);
    expect(confusion.matrix.map((row) => row.reduce((a, b) => a + b))).toEqual([1, 1, 2]);
  });

  it('makes room for classes and clusters that have no item in this split', () => {
    const confusion = matchConfusion([0, 0], [1, 1], { labelCount: 3, clusterCount: 3 });
    expect(confusion.matrix).toHaveLength(3);
    expect(confusion.matrix[0][0]).toBe(2);
    expect(new Set(confusion.clusterOfColumn)).toEqual(new Set([0, 1, 2]));
  });
});

describe('counts', () => {
  it('countContingency counts items by label and cluster', () => {
    expect(countContingency([0, 1, 1], [1, 0, 1])).toEqual({
      counts: [
        [0, 1],
        [1, 1],
      ],
      total: 3,
    });
  });

  it('countSizes names empty clusters by 0', () => {
    expect(countSizes([0, 2, 2], 4)).toEqual([1, 0, 2, 0]);
  });
});

import { assignClusters } from './assignment.ts';
import { type ContingencyShape, countContingency, type Labels } from './contingency.ts';

/** A confusion matrix whose columns were ordered so that matched clusters stand on the diagonal. */
export interface Confusion {
  /** Items by true label (row) and column; each row sums to the label's size. */
  readonly matrix: readonly (readonly number[])[];
  /**
   * The cluster that each column shows: columns 0 … labels − 1 the cluster matched to that label (null
   * where clusters are fewer and none is left), then clusters that no label was left for.
   */
  readonly clusterOfColumn: readonly (number | null)[];
  /** The label matched to each cluster, −1 for none. */
  readonly labelOfCluster: readonly number[];
}

/** @param shape makes rows and columns for labels and clusters that have no item here. */
export function matchConfusion(labels: Labels, clusters: Labels, shape: ContingencyShape = {}): Confusion {
  const table = countContingency(labels, clusters, shape);
  const { labelOfCluster } = assignClusters(table);
  const matchedTo = table.counts.map((_, label) => {
    const cluster = labelOfCluster.indexOf(label);
    return cluster < 0 ? null : cluster;
  });
  const leftOver = labelOfCluster.flatMap((label, cluster) => (label < 0 ? [cluster] : []));
  const clusterOfColumn = [...matchedTo, ...leftOver];
  const matrix = table.counts.map((row) =>
    clusterOfColumn.map((cluster) => (cluster === null ? 0 : row[cluster])),
  );
  return { matrix, clusterOfColumn, labelOfCluster };
}

import { assignClusters } from './assignment.ts';
import { type Contingency, countContingency, type Labels } from './contingency.ts';

/** ACC: the share of items whose cluster, under the best one-to-one matching, bears their label (0 … 1). */
export function measureAccuracy(labels: Labels, clusters: Labels): number {
  return accuracyOf(countContingency(labels, clusters));
}

/** ACC of a contingency table. */
export function accuracyOf(table: Contingency): number {
  return assignClusters(table).matched / table.total;
}

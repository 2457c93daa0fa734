import { linearSumAssignment } from 'linear-sum-assignment';
import type { Contingency } from './contingency.ts';

/** A one-to-one matching of clusters and labels that agrees on as many items as possible. */
export interface Assignment {
  /** The label of each cluster; −1 for a cluster left over, where there are more clusters than labels. */
  readonly labelOfCluster: readonly number[];
  /** Items whose cluster's label is their own. */
  readonly matched: number;
}

/** The Hungarian assignment (Kuhn 1955; here Jonker and Volgenant's algorithm) on a contingency table. */
export function assignClusters(table: Contingency): Assignment {
  const { counts } = table;
  // The package names it so; true is its default, said here because everyone else's is to minimise.
  const { columnAssignments } = linearSumAssignment(
    counts.map((row) => [...row]),
    { maximaze: true },
  );
  const labelOfCluster = Array.from(counts[0], (_, cluster) => columnAssignments[cluster]);
  const matched = labelOfCluster.reduce(
    (sum, label, cluster) => (label < 0 ? sum : sum + counts[label][cluster]),
    0,
  );
  return { labelOfCluster, matched };
}

import { fail } from '../../core/failure.ts';

/** Class or cluster of each item: whole numbers 0 … k − 1. */
export type Labels = ArrayLike<number>;

/** How many items of each label fell into each cluster: `counts[label][cluster]`, rectangular. */
export interface Contingency {
  readonly counts: readonly (readonly number[])[];
  readonly total: number;
}

/** The least number of labels and clusters to make room for, where some may have no item. */
export interface ContingencyShape {
  readonly labelCount?: number;
  readonly clusterCount?: number;
}

/**
 * @param labels true classes; @param clusters found ones, of equal length.
 * @throws ExpectedFailure bad-input where there is no item; RangeError on unequal lengths or what is no label.
 */
export function countContingency(
  labels: Labels,
  clusters: Labels,
  shape: ContingencyShape = {},
): Contingency {
  if (labels.length !== clusters.length) {
    throw new RangeError(`${labels.length} labels for ${clusters.length} cluster assignments`);
  }
  if (labels.length === 0) fail('bad-input', 'there is no item to compare labels and clusters of');
  const labelCount = Math.max(countKinds(labels), shape.labelCount ?? 0);
  const clusterCount = Math.max(countKinds(clusters), shape.clusterCount ?? 0);
  const counts = Array.from({ length: labelCount }, () => new Array<number>(clusterCount).fill(0));
  for (let item = 0; item < labels.length; item++) counts[labels[item]][clusters[item]] += 1;
  return { counts, total: labels.length };
}

/** Items of each cluster, or of each class: `sizes[k]`, k < count. */
export function countSizes(labels: Labels, count: number): number[] {
  const sizes = new Array<number>(Math.max(count, countKinds(labels))).fill(0);
  for (let item = 0; item < labels.length; item++) sizes[labels[item]] += 1;
  return sizes;
}

/** Row sums (items a label) and column sums (items a cluster). */
export function sumMargins(table: Contingency): { readonly rows: number[]; readonly columns: number[] } {
  const rows = table.counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columns = new Array<number>(table.counts[0].length).fill(0);
  for (const row of table.counts) {
    for (let cluster = 0; cluster < row.length; cluster++) columns[cluster] += row[cluster];
  }
  return { rows, columns };
}

/** 1 + the largest label. */
function countKinds(labels: Labels): number {
  let largest = -1;
  for (let item = 0; item < labels.length; item++) {
    const label = labels[item];
    if (!Number.isInteger(label) || label < 0)
      throw new RangeError(`label ${label} of item ${item} is no whole number ≥ 0`);
    if (label > largest) largest = label;
  }
  return largest + 1;
}

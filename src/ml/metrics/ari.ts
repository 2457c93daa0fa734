import { countContingency, type Labels, sumMargins } from './contingency.ts';

/**
 * The adjusted Rand index (Hubert and Arabie 1985): agreement on pairs of items, 1 for equal partitions,
 * 0 expected by chance, at worst −0.5. Two trivial equal partitions (one cluster, or one a item) give 1.
 */
export function measureAri(labels: Labels, clusters: Labels): number {
  const table = countContingency(labels, clusters);
  const { rows, columns } = sumMargins(table);
  const together = sum(table.counts.map((row) => sum(row.map(pairs))));
  const sameLabel = sum(rows.map(pairs));
  const sameCluster = sum(columns.map(pairs));
  const expected = (sameLabel * sameCluster) / Math.max(1, pairs(table.total));
  const largest = (sameLabel + sameCluster) / 2;
  return largest === expected ? 1 : (together - expected) / (largest - expected);
}

function pairs(count: number): number {
  return (count * (count - 1)) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

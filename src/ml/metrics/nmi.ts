import { log } from '../../core/pinned-math.ts';
import { countContingency, type Labels, sumMargins } from './contingency.ts';

/**
 * Normalised mutual information 2 I(Y; C) / (H(Y) + H(C)) (arithmetic mean), 0 … 1; 0 where it says
 * nothing: all items in one cluster or of one class.
 */
export function measureNmi(labels: Labels, clusters: Labels): number {
  const table = countContingency(labels, clusters);
  const { rows, columns } = sumMargins(table);
  const entropyOfLabels = entropy(rows, table.total);
  const entropyOfClusters = entropy(columns, table.total);
  if (entropyOfLabels === 0 || entropyOfClusters === 0) return 0;
  let information = 0;
  table.counts.forEach((row, label) => {
    row.forEach((count, cluster) => {
      // (count/n) ln(count · n / (row · column)): exactly 0 for an independent cell
      if (count > 0) information += count * log((count * table.total) / (rows[label] * columns[cluster]));
    });
  });
  const nmi = (2 * information) / (table.total * (entropyOfLabels + entropyOfClusters));
  return Math.min(1, Math.max(0, nmi)); // rounding may leave the range by an ulp
}

/** −Σ p ln p, p = size/total; 0 where one size is everything. */
function entropy(sizes: readonly number[], total: number): number {
  let sum = 0;
  for (const size of sizes) if (size > 0 && size < total) sum -= size * log(size / total);
  return sum / total;
}

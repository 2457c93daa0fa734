import type { Random } from '../../core/random.ts';
import { accuracyOf } from './accuracy.ts';
import { type Contingency, countContingency, type Labels } from './contingency.ts';

export interface BootstrapInput {
  readonly labels: Labels;
  readonly clusters: Labels;
  /** The items of each unit (subject, or slice): what is drawn together, because it is not independent. */
  readonly units: readonly ArrayLike<number>[];
  readonly random: Random;
  /** 2,000 where not given: a percentile's own error is then about a tenth of the interval's width. */
  readonly resamples?: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const LOWER_TAIL = 0.025;

/**
 * A 95 % interval on ACC by the percentile bootstrap (Efron and Tibshirani 1993, ch. 13): units are
 * drawn with replacement, and clusters are matched to labels anew in each resample, since the matching is part
 * of what ACC is. Null where fewer than two units leave nothing to resample.
 */
export function bootstrapAccuracy(input: BootstrapInput): Interval | null {
  const { units, random, resamples = 2000 } = input;
  if (units.length < 2) return null;
  const tables = countByUnit(input);
  const accuracies = Float64Array.from({ length: resamples }, () =>
    accuracyOf(sumTables(Array.from(units, () => tables[random.integer(units.length)]))),
  ).sort();
  return { low: percentile(accuracies, LOWER_TAIL), high: percentile(accuracies, 1 - LOWER_TAIL) };
}

/** One contingency table a unit, all of one shape: resampling then costs no pass over the items. */
function countByUnit({ labels, clusters, units }: BootstrapInput): Contingency[] {
  const { counts } = countContingency(labels, clusters);
  const shape = { labelCount: counts.length, clusterCount: counts[0].length };
  return units.map((unit) => {
    const items = Array.from(unit);
    return countContingency(
      items.map((item) => labels[item]),
      items.map((item) => clusters[item]),
      shape,
    );
  });
}

function sumTables(tables: readonly Contingency[]): Contingency {
  const counts = tables[0].counts.map((row) => [...row]);
  let total = tables[0].total;
  for (const table of tables.slice(1)) {
    total += table.total;
    table.counts.forEach((row, label) => {
      for (let cluster = 0; cluster < row.length; cluster++) counts[label][cluster] += row[cluster];
    });
  }
  return { counts, total };
}

/** Linear between order statistics (numpy's default). @param sorted ascending. */
export function percentile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

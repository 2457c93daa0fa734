import type { Spread } from '../../core/spread.ts';
import { formatNumber } from '../format.ts';
import { axisText } from './axis-text.ts';
import type { ComparisonTable } from './compare-points.ts';
import { type Direction, findBest, judgeDifference, type SummaryRow } from './summarise-rows.ts';

export interface SummaryOptions {
  readonly metrics: readonly string[];
  readonly directions: { readonly [name: string]: Direction };
  /** Leave out the columns in which all rows agree. */
  readonly onlyChanged: boolean;
  /** The row that the others are held against; null for none. */
  readonly baseline: SummaryRow | null;
}

/** Marks the best value beyond the spread (`findBest`). */
export const BEST = '*';

/**
 * Cells as text: `0.6500 ± 0.0200 (n 3)`, with `*` where a value is best beyond the spread; beside a
 * baseline the difference to it and whether that is better or worse.
 */
export function summaryTable(rows: readonly SummaryRow[], options: SummaryOptions): ComparisonTable {
  const { metrics, directions, onlyChanged, baseline } = options;
  const axes = [...new Set(rows.flatMap(({ point }) => Object.keys(point)))];
  const best = new Map(
    metrics.map((name) => [
      name,
      findBest(
        rows.map((row) => row.metrics[name] ?? null),
        directions[name],
      ),
    ]),
  );
  const columns: { readonly title: string; readonly cells: readonly string[] }[] = [
    { title: 'run', cells: rows.map(({ runId }) => runId) },
    ...axes.map((axis) => ({ title: axis, cells: rows.map(({ point }) => axisText(point[axis])) })),
    ...metrics.map((name) => ({
      title: name,
      cells: rows.map((row, at) => {
        const spread = row.metrics[name];
        if (!spread) return '';
        const mark = best.get(name) === at ? ` ${BEST}` : '';
        return `${spreadText(spread)}${mark}${differenceText(row, name, baseline, directions[name])}`;
      }),
    })),
  ];
  const shown =
    onlyChanged && rows.length > 1 ? columns.filter(({ cells }) => new Set(cells).size > 1) : columns;
  return {
    columns: shown.map(({ title }) => title),
    rows: rows.map((_, at) => shown.map(({ cells }) => cells[at])),
  };
}

/** `0.6500`, or `0.6500 ± 0.0200 (n 3)` of several values. */
export function spreadText({ mean, sd, n }: Spread): string {
  return sd === null ? formatNumber(mean) : `${formatNumber(mean)} ± ${formatNumber(sd)} (n ${n})`;
}

function differenceText(
  row: SummaryRow,
  name: string,
  baseline: SummaryRow | null,
  better: Direction | undefined,
): string {
  if (!baseline) return '';
  if (row === baseline) return ' (baseline)';
  const [here, there] = [row.metrics[name], baseline.metrics[name]];
  if (!here || !there) return '';
  const difference = here.mean - there.mean;
  const verdict = judgeDifference(difference, better);
  const sign = difference < 0 ? '−' : '+';
  return ` (${sign}${formatNumber(Math.abs(difference))}${verdict ? ` ${verdict}` : ''})`;
}

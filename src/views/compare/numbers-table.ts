import type { Spread } from '../../core/spread.ts';
import { axisText } from './axis-text.ts';
import type { ComparisonTable } from './compare-points.ts';
import type { Pivot } from './pivot-table.ts';
import type { SummaryRow } from './summarise-rows.ts';
import type { SummaryOptions } from './summary-table.ts';

interface NumbersOptions extends Pick<SummaryOptions, 'metrics' | 'onlyChanged' | 'baseline'> {
  /** Whether rows stand for several points: then a column each for the standard deviation and the number. */
  readonly averaged: boolean;
}

/**
 * A summary for programs: one number a cell, every digit, empty where there is none. Of several points a
 * metric has the columns `NAME` (the mean), `NAME.sd` and `NAME.n`; beside a baseline also `NAME.difference`.
 */
export function summaryNumbers(rows: readonly SummaryRow[], options: NumbersOptions): ComparisonTable {
  const { metrics, onlyChanged, baseline, averaged } = options;
  const axes = [...new Set(rows.flatMap(({ point }) => Object.keys(point)))];
  const groups: Column[][] = [
    [{ title: 'run', cells: rows.map(({ runId }) => runId) }],
    ...axes.map((axis) => [{ title: axis, cells: rows.map(({ point }) => axisText(point[axis])) }]),
    ...metrics.map((name) => {
      const spreads = rows.map((row) => row.metrics[name] ?? null);
      const there = baseline?.metrics[name]?.mean;
      const difference = (spread: Spread | null) =>
        spread && there !== undefined ? String(spread.mean - there) : '';
      return [
        ...spreadColumns(name, spreads, averaged),
        ...(baseline ? [{ title: `${name}.difference`, cells: spreads.map(difference) }] : []),
      ];
    }),
  ];
  const differs = (group: readonly Column[]) => group.some(({ cells }) => new Set(cells).size > 1);
  return tableOf(onlyChanged && rows.length > 1 ? groups.filter(differs) : groups);
}

/** A pivot for programs: of each column the mean, `COLUMN.sd` and `COLUMN.n` where any cell is of several points. */
export function pivotNumbers({ rowAxis, rows, columns, cells }: Pivot): ComparisonTable {
  const averaged = cells.flat().some((spread) => spread !== null && spread.n > 1);
  return tableOf([
    [{ title: rowAxis, cells: rows }],
    ...columns.map((name, at) =>
      spreadColumns(
        name,
        cells.map((line) => line[at]),
        averaged,
      ),
    ),
  ]);
}

interface Column {
  readonly title: string;
  readonly cells: readonly string[];
}

function spreadColumns(name: string, spreads: readonly (Spread | null)[], averaged: boolean): Column[] {
  const column = (title: string, value: (spread: Spread) => number | null) => ({
    title,
    cells: spreads.map((spread) => String((spread && value(spread)) ?? '')),
  });
  const mean = column(name, (spread) => spread.mean);
  if (!averaged) return [mean];
  return [mean, column(`${name}.sd`, ({ sd }) => sd), column(`${name}.n`, ({ n }) => n)];
}

function tableOf(groups: readonly (readonly Column[])[]): ComparisonTable {
  const columns = groups.flat();
  return {
    columns: columns.map(({ title }) => title),
    rows: columns[0].cells.map((_, row) => columns.map(({ cells }) => cells[row])),
  };
}

import type { Spread } from '../../core/spread.ts';
import { spreadOfValues } from '../../core/spread.ts';
import { axisText } from './axis-text.ts';
import type { ComparisonRow, ComparisonTable } from './compare-points.ts';
import { type Direction, findBest } from './summarise-rows.ts';
import { BEST, spreadText } from './summary-table.ts';

/** Stands for the step that a metric is of: methods are often steps of one pipeline. */
export const STEP_AXIS = 'step';

export interface PivotRequest {
  /** Axes, `run`, or `step`. */
  readonly row: string;
  readonly column: string;
  /** Full names of one metric; of several steps where `step` is an axis. */
  readonly metrics: readonly string[];
  readonly better: Direction | undefined;
}

export interface Pivot {
  readonly rowAxis: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [row][column]; null where there is no value. */
  readonly cells: readonly (readonly (Spread | null)[])[];
  /** The row that is best in each column, beyond the spread. */
  readonly best: readonly (number | null)[];
}

/** One metric by two axes; all others are averaged. Rows and columns in the order of the points. */
export function pivotRows(rows: readonly ComparisonRow[], request: PivotRequest): Pivot {
  const values = new Map<string, Map<string, number[]>>();
  const columns = new Set<string>();
  for (const row of rows) {
    for (const name of request.metrics) {
      const value = row.metrics[name];
      if (value === undefined) continue;
      const [down, across] = [request.row, request.column].map((axis) => place(row, name, axis));
      const line = values.get(down) ?? new Map<string, number[]>();
      values.set(down, line);
      columns.add(across);
      line.set(across, [...(line.get(across) ?? []), value]);
    }
  }
  const names = [...columns];
  const cells = [...values.values()].map((line) => names.map((name) => spreadOfValues(line.get(name) ?? [])));
  const best = names.map((_, at) =>
    findBest(
      cells.map((line) => line[at]),
      request.better,
    ),
  );
  return { rowAxis: request.row, rows: [...values.keys()], columns: names, cells, best };
}

export function pivotTable({ rowAxis, rows, columns, cells, best }: Pivot): ComparisonTable {
  const text = (spread: Spread | null, row: number, column: number) =>
    spread ? `${spreadText(spread)}${best[column] === row ? ` ${BEST}` : ''}` : '';
  return {
    columns: [rowAxis, ...columns],
    rows: rows.map((name, row) => [name, ...cells[row].map((spread, column) => text(spread, row, column))]),
  };
}

function place(row: ComparisonRow, metric: string, axis: string): string {
  if (axis === STEP_AXIS) return metric.split('.')[0];
  return axis === 'run' ? row.runId : axisText(row.point[axis]);
}

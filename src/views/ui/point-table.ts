import { byCodeUnit, type Json, type JsonObject } from '../../core/json.ts';
import { sortMetrics } from '../metric-names.ts';
import type { StepState } from '../run-state.ts';
import { parseFilter } from './filter.ts';

export interface PointRow {
  /** Canonical within its run: the point as JSON. */
  readonly key: string;
  readonly point: JsonObject;
  /** The steps that stand for it, in the order of the plan. */
  readonly steps: readonly string[];
  status: StepState['status'];
  metrics: { readonly [name: string]: number };
}

type Steps = ReadonlyMap<string, StepState>;

/**
 * The points of a run with what their steps measured, kept up to date step by step: a step knows its
 * rows, so that an event costs as many rows as it concerns.
 */
export class PointTable {
  readonly rows: readonly PointRow[];
  readonly axes: readonly string[];
  readonly #rowsOf = new Map<string, PointRow[]>();
  readonly #metrics = new Set<string>();
  readonly better = new Map<string, 'higher' | 'lower' | 'neither'>();

  constructor(points: readonly JsonObject[], steps: Steps) {
    this.axes = [...new Set(points.flatMap((point) => Object.keys(point)))];
    // Steps with the same key and axes: the values of these axes at a point name the one that stands for it.
    const groups = new Map<string, { readonly axes: string[]; readonly steps: Map<string, string> }>();
    for (const { id, point } of steps.values()) {
      const axes = Object.keys(point);
      const name = JSON.stringify([id.split('@')[0], axes]);
      const group = groups.get(name) ?? { axes, steps: new Map<string, string>() };
      groups.set(name, group);
      group.steps.set(JSON.stringify(axes.map((axis) => point[axis])), id);
    }
    this.rows = points.map((point) => {
      const ids: string[] = [];
      for (const group of groups.values()) {
        const id = group.steps.get(JSON.stringify(group.axes.map((axis) => point[axis])));
        if (id !== undefined) ids.push(id);
      }
      const row: PointRow = { key: JSON.stringify(point), point, steps: ids, status: 'planned', metrics: {} };
      for (const id of ids) {
        const rows = this.#rowsOf.get(id);
        if (rows) rows.push(row);
        else this.#rowsOf.set(id, [row]);
      }
      return row;
    });
    this.update(steps, steps.keys());
  }

  update(steps: Steps, changed: Iterable<string>): void {
    const rows = new Set<PointRow>();
    for (const id of changed) for (const row of this.#rowsOf.get(id) ?? []) rows.add(row);
    for (const row of rows) {
      const metrics: { [name: string]: number } = {};
      const statuses = new Set<StepState['status']>();
      for (const id of row.steps) {
        const step = steps.get(id)!;
        statuses.add(step.status);
        for (const { split, name, value, better } of step.metrics) {
          const full = `${id.split('@')[0]}.${split ? `${split}.` : ''}${name}`;
          metrics[full] = value;
          this.better.set(full, better);
          this.#metrics.add(full);
        }
      }
      row.metrics = metrics;
      row.status =
        (['failed', 'running', 'skipped'] as const).find((status) => statuses.has(status)) ??
        (statuses.has('planned') ? 'planned' : statuses.has('finished') ? 'finished' : 'reused');
    }
  }

  /** Axes, then metrics. */
  columns(): string[] {
    return [...this.axes, ...sortMetrics(this.#metrics)];
  }
}

export function valueIn(row: PointRow, column: string): Json | undefined {
  return column === 'status' ? row.status : (row.metrics[column] ?? row.point[column]);
}

export interface TableView {
  readonly sort: { readonly column: string; readonly descending: boolean } | null;
  readonly filter: string;
  readonly hidden: readonly string[];
}

/** The rows that are shown, in order; those without a value last. A filter that cannot be read hides nothing. */
export function arrangeRows(table: PointTable, { sort, filter }: TableView): readonly PointRow[] {
  let rows: readonly PointRow[] = table.rows;
  if (filter.trim() !== '') {
    const parsed = parseFilter(filter, [...table.columns(), 'status']);
    if (parsed.ok) rows = rows.filter((row) => parsed.filter((column) => valueIn(row, column)));
  }
  if (!sort) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [valueIn(a, sort.column), valueIn(b, sort.column)];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * byCodeUnit(JSON.stringify(left), JSON.stringify(right));
  });
}

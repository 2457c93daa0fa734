import type { Metric } from '../../core/artifact.ts';
import { byCodeUnit, canonicalJson, type Json, type JsonObject } from '../../core/json.ts';
import { textTable } from '../text-table.ts';

/** What lineage knows of one run, as far as a comparison needs it. */
export interface RunFacts {
  readonly runId: string;
  readonly points: readonly JsonObject[];
  readonly steps: readonly {
    readonly key: string;
    readonly point: JsonObject;
    readonly metrics: readonly Metric[];
  }[];
}

export interface ComparisonRow {
  readonly runId: string;
  readonly point: JsonObject;
  /** By full name: `evaluate-dec.test.acc`. */
  readonly metrics: { readonly [name: string]: number };
}

/** One row a point; a step's metrics belong to every point that agrees with the axes it depends on. */
export function comparePoints(runs: readonly RunFacts[]): ComparisonRow[] {
  return runs.flatMap(({ runId, points, steps }) =>
    points.map((point) => ({
      runId,
      point,
      metrics: Object.fromEntries(
        steps
          .filter((step) => agrees(step.point, point))
          .flatMap(({ key, metrics }) => metrics.map((metric) => [metricName(key, metric), metric.value])),
      ),
    })),
  );
}

export function metricName(stepKey: string, { split, name }: Pick<Metric, 'split' | 'name'>): string {
  return split ? `${stepKey}.${split}.${name}` : `${stepKey}.${name}`;
}

/** Splits in the order in which they are made, then everything by name. */
export function sortedMetricNames(rows: readonly ComparisonRow[]): string[] {
  return [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))].sort(byCodeUnit);
}

export type SortKey = { readonly name: string; readonly descending: boolean };

/** Rows by a metric or an axis; those without a value last, ties in the old order. */
export function sortRows(rows: readonly ComparisonRow[], { name, descending }: SortKey): ComparisonRow[] {
  const value = (row: ComparisonRow): Json | undefined => row.metrics[name] ?? row.point[name];
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : byCodeUnit(canonicalJson(left), canonicalJson(right));
    return descending ? -order : order;
  });
}

export interface ComparisonTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function comparisonText({ columns, rows }: ComparisonTable, axes: number): string {
  const aligned = columns.map((title, at) => ({
    title,
    align: at <= axes ? ('left' as const) : ('right' as const),
  }));
  return `${textTable(aligned, rows).join('\n')}\n`;
}

export function comparisonCsv({ columns, rows }: ComparisonTable): string {
  const field = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${[columns, ...rows].map((row) => row.map(field).join(',')).join('\n')}\n`;
}

export function comparisonMarkdown({ columns, rows }: ComparisonTable): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

/** Has a point these values on these axes? A step stands for every point that agrees with the axes it depends on. */
export function agrees(part: JsonObject, point: JsonObject): boolean {
  return Object.entries(part).every(
    ([axis, value]) => canonicalJson(point[axis] ?? null) === canonicalJson(value),
  );
}

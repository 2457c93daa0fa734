import type { Metric } from '../../core/artifact.ts';
import { canonicalJson, type JsonObject } from '../../core/json.ts';
import { type Spread, spreadOfValues } from '../../core/spread.ts';
import { type ComparisonRow, metricName, type RunFacts } from './compare-points.ts';

/** Points of one run that differ in averaged axes alone: mean, standard deviation and number of each metric. */
export interface SummaryRow {
  readonly runId: string;
  /** The axes that are left. */
  readonly point: JsonObject;
  /** By full name. */
  readonly metrics: { readonly [name: string]: Spread };
}

/** One row a group, in the order of the first of each. @param over axes to average; none gives a row a point. */
export function summariseRows(rows: readonly ComparisonRow[], over: readonly string[]): SummaryRow[] {
  const groups = new Map<string, { runId: string; point: JsonObject; members: ComparisonRow[] }>();
  for (const row of rows) {
    const point = Object.fromEntries(Object.entries(row.point).filter(([axis]) => !over.includes(axis)));
    const key = canonicalJson([row.runId, point]);
    const group = groups.get(key) ?? { runId: row.runId, point, members: [] };
    groups.set(key, group);
    group.members.push(row);
  }
  return [...groups.values()].map(({ runId, point, members }) => {
    const names = new Set(members.flatMap(({ metrics }) => Object.keys(metrics)));
    const metrics = [...names].map((name): [string, Spread] => {
      const values = members.flatMap((member) => member.metrics[name] ?? []);
      return [name, spreadOfValues(values)!];
    });
    return { runId, point, metrics: Object.fromEntries(metrics) };
  });
}

export type Direction = Metric['better'];

/** Which way each metric is better, by full name. */
export function directionsOf(runs: readonly RunFacts[]): { readonly [name: string]: Direction } {
  return Object.fromEntries(
    runs.flatMap(({ steps }) =>
      steps.flatMap(({ key, metrics }) =>
        metrics.map((metric): [string, Direction] => [metricName(key, metric), metric.better]),
      ),
    ),
  );
}

/** `better`, `worse`, or neither where the metric has no direction or nothing differs. */
export function judgeDifference(
  difference: number,
  better: Direction | undefined,
): 'better' | 'worse' | null {
  if (difference === 0 || Number.isNaN(difference) || !better || better === 'neither') return null;
  return difference > 0 === (better === 'higher') ? 'better' : 'worse';
}

/**
 * Which of several values is best, if one is beyond the spread: better than every other mean by more than
 * both standard deviations together, √(sd² + sd²). A value without one (n = 1) is never beyond it.
 * @returns its place, or null.
 */
export function findBest(spreads: readonly (Spread | null)[], better: Direction | undefined): number | null {
  if (!better || better === 'neither') return null;
  const sign = better === 'higher' ? 1 : -1;
  const present = spreads.flatMap((spread, place) => (spread ? [{ spread, place }] : []));
  if (present.length < 2) return null;
  const [first, ...others] = present.sort((a, b) => sign * (b.spread.mean - a.spread.mean));
  const beyond = others.every(({ spread }) => {
    if (first.spread.sd === null || spread.sd === null) return false;
    const together = Math.sqrt(first.spread.sd * first.spread.sd + spread.sd * spread.sd);
    return sign * (first.spread.mean - spread.mean) > together;
  });
  return beyond ? first.place : null;
}

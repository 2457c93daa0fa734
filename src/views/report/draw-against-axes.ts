import { type AccuracySeries, drawAccuracyLines } from '../../charts/accuracy-lines.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RunRow, RunStepRow } from '../../store/read-runs.ts';
import { axisText } from '../compare/axis-text.ts';
import type { ReportChart } from './report-data.ts';

/** A run with its steps in the order of the plan. */
export interface RunAndSteps {
  readonly run: RunRow;
  readonly steps: readonly RunStepRow[];
}

/** Metrics that a reader of a study looks for, in this order (Figures 3.9, 3.10). */
const DRAWN = ['test.acc', 'test.nmi'];

/**
 * Metrics of test against every swept axis of numbers, a line a step and the values of its other axes:
 * mean ± standard deviation and the single values over the averaged axes.
 */
export function drawAgainstAxes(runs: readonly RunAndSteps[], over: readonly string[]): ReportChart[] {
  const measured = runs.flatMap(({ run, steps }) =>
    steps.filter(({ metrics }) => metrics.length > 0).map((step) => ({ run: run.id, ...step })),
  );
  const axes = [...new Set(measured.flatMap(({ point }) => Object.keys(point)))].filter(
    (axis) => !over.includes(axis) && distinctNumbers(measured.map(({ point }) => point[axis])) > 1,
  );
  return axes.flatMap((axis) =>
    DRAWN.flatMap((name) => {
      const [split, metric] = name.split('.');
      const entries = measured.flatMap(({ run, key, point, metrics }) => {
        const found = metrics.find((one) => one.split === split && one.name === metric);
        return found && typeof point[axis] === 'number' ? [{ run, key, point, value: found.value }] : [];
      });
      if (entries.length === 0) return [];
      const title = `${metric.toUpperCase()} (${split}) against ${axis}`;
      const series = groupSeries(entries, axis, over, runs.length > 1);
      const values = distinctNumbers(entries.map(({ point }) => point[axis]));
      const svg = drawAccuracyLines({
        series,
        xLabel: axis,
        yLabel: `${metric.toUpperCase()} (${split})`,
        xScale:
          values > 2 && spansDecades(entries.map(({ point }) => point[axis] as number)) ? 'log' : 'linear',
        ...(over.length > 0 ? { repetitions: `${over.join(', ')}s` } : {}),
      });
      return [{ title, svg }];
    }),
  );
}

interface Entry {
  readonly run: string;
  readonly key: string;
  readonly point: JsonObject;
  readonly value: number;
}

function groupSeries(
  entries: readonly Entry[],
  axis: string,
  over: readonly string[],
  nameRuns: boolean,
): AccuracySeries[] {
  const series = new Map<string, Map<number, number[]>>();
  for (const { run, key, point, value } of entries) {
    const rest = Object.entries(point)
      .filter(([name]) => name !== axis && !over.includes(name))
      .map(([name, at]) => `${name} = ${axisText(at)}`);
    const name = [...(nameRuns ? [run] : []), key, ...rest].join(', ');
    const line = series.get(name) ?? new Map<number, number[]>();
    series.set(name, line);
    const x = point[axis] as number;
    line.set(x, [...(line.get(x) ?? []), value]);
  }
  return [...series].map(([name, line]) => ({
    name,
    points: [...line].map(([x, values]) => ({ x, values })),
  }));
}

function distinctNumbers(values: readonly unknown[]): number {
  return new Set(values.filter((value) => typeof value === 'number')).size;
}

function spansDecades(values: readonly number[]): boolean {
  const low = Math.min(...values);
  return low > 0 && Math.max(...values) / low >= 20;
}

import { type Command, Option } from 'commander';
import { type Lineage, openLineage } from '../store/read-lineage.ts';
import { axisText } from '../views/compare/axis-text.ts';
import {
  type ComparisonRow,
  type ComparisonTable,
  comparePoints,
  comparisonCsv,
  comparisonMarkdown,
  comparisonText,
  type RunFacts,
  sortedMetricNames,
  sortRows,
} from '../views/compare/compare-points.ts';
import { comparisonLatex } from '../views/compare/latex-table.ts';
import { pivotNumbers, summaryNumbers } from '../views/compare/numbers-table.ts';
import { pivotRows, pivotTable, STEP_AXIS } from '../views/compare/pivot-table.ts';
import { directionsOf, type SummaryRow, summariseRows } from '../views/compare/summarise-rows.ts';
import { summaryTable } from '../views/compare/summary-table.ts';
import { findRun } from './find-run.ts';
import { artifactsOption, jsonOption, repeatable, runsArgument } from './options.ts';
import { unknownName } from './unknown-name.ts';
import { UsageError } from './usage-error.ts';

interface CompareOptions {
  readonly metric?: string;
  readonly sort?: string;
  readonly all?: boolean;
  readonly over: readonly string[];
  readonly groupBy: readonly string[];
  readonly baseline?: string;
  readonly pivot?: readonly string[];
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly md?: boolean;
  readonly latex?: boolean;
  readonly artifacts: string;
}

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('points of runs as rows: parameters and metrics side by side')
    .addArgument(runsArgument())
    .option('--metric <text>', 'only metrics of this name, or whose names contain it: test.acc')
    .option('--sort <name>', 'by a metric or an axis; -NAME for the largest first')
    .option('--all', 'also the columns in which all rows agree')
    .addOption(new Option('--only-changed', 'leave those out (as is done anyway)').conflicts('all'))
    .addOption(repeatable('--over <axis>', 'mean ± standard deviation along this axis (may be given again)'))
    .addOption(repeatable('--group-by <axis>', 'the same along all axes but this (may be given again)'))
    .option('--baseline <row>', 'differences to this one: a run, or AXIS=VALUE,…')
    .option('--pivot <axes...>', 'one metric by ROW and COLUMN: axes, run, or step')
    .addOption(jsonOption())
    .option('--csv', 'as CSV: a number a cell, all its digits')
    .option('--md', 'as a Markdown table')
    .option('--latex', 'as a LaTeX table (booktabs)')
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(compare);
}

const EXAMPLES = `
A value is marked best (*) only beyond the spread: better than every other mean by more than both standard
deviations together, the root of the sum of their squares. One value has none, and is never marked.

Examples:
  clade compare latest --metric test.acc --sort -evaluate.test.acc
  clade compare latest --over seed --baseline embeddingDim=3
  clade compare latest --pivot step embeddingDim --metric test.acc --latex`;

function compare(wanted: string[], options: CompareOptions): void {
  const lineage = openLineage(options.artifacts);
  try {
    const runs = wanted.map((one) => factsOf(lineage, one));
    const all = comparePoints(runs);
    const metrics = chooseMetrics(sortedMetricNames(all), options.metric);
    if (options.metric !== undefined && metrics.length === 0) {
      throw unknownName('--metric: no name contains', options.metric, everyName(sortedMetricNames(all)));
    }
    const rows = options.sort ? sortRows(all, sortKey(options.sort, all, metrics)) : all;
    process.stdout.write(
      options.pivot ? pivot(rows, runs, metrics, options) : list(rows, runs, metrics, options),
    );
  } finally {
    lineage.close();
  }
}

/** Those of this name, in full or without its step; where there are none, those that contain the text. */
function chooseMetrics(names: readonly string[], text: string | undefined): readonly string[] {
  if (text === undefined) return names;
  const exact = names.filter((name) => name === text || name.endsWith(`.${text}`));
  return exact.length > 0 ? exact : names.filter((name) => name.includes(text));
}

/** Metrics as they may be asked for: `evaluate.test.acc`, `test.acc`, `acc`. */
function everyName(names: readonly string[]): readonly string[] {
  const ends = names.flatMap((name) => [name.split('.').slice(1).join('.'), name.split('.').at(-1)!]);
  return [...new Set([...names, ...ends])];
}

/** A row a point, or a group of points. */
function list(
  rows: readonly ComparisonRow[],
  runs: readonly RunFacts[],
  metrics: readonly string[],
  options: CompareOptions,
): string {
  const over = averagedAxes(rows, options);
  const summary = summariseRows(rows, over);
  const baseline = options.baseline === undefined ? null : findBaseline(summary, options.baseline);
  if (options.json) {
    if (over.length === 0 && !baseline) {
      return `${JSON.stringify({ rows: rows.map((row) => ({ ...row, metrics: pick(row.metrics, metrics) })) })}\n`;
    }
    const kept = summary.map((row) => ({
      ...row,
      metrics: pick(row.metrics, metrics),
      baseline: row === baseline,
    }));
    return `${JSON.stringify({ over, rows: kept })}\n`;
  }
  const onlyChanged = options.all !== true;
  if (options.csv)
    return comparisonCsv(
      summaryNumbers(summary, { metrics, onlyChanged, baseline, averaged: over.length > 0 }),
    );
  const directions = directionsOf(runs);
  const table = summaryTable(summary, { metrics, directions, onlyChanged, baseline });
  const left = table.columns.filter((title) => !metrics.includes(title)).length;
  return draw(table, left, options);
}

function pivot(
  rows: readonly ComparisonRow[],
  runs: readonly RunFacts[],
  metrics: readonly string[],
  options: CompareOptions,
): string {
  const axes = axesOf(rows);
  const [row, column, ...further] = options.pivot ?? [];
  if (column === undefined || further.length > 0)
    throw new UsageError('--pivot takes two names, ROW and COLUMN, after the runs');
  for (const axis of [row, column]) {
    const known = [...axes, 'run', STEP_AXIS];
    if (!known.includes(axis)) throw unknownName('--pivot: no axis', axis, known);
  }
  const bare = new Set(
    metrics.map((name) =>
      row === STEP_AXIS || column === STEP_AXIS ? name.slice(name.indexOf('.') + 1) : name,
    ),
  );
  if (bare.size !== 1)
    throw new UsageError(`--pivot shows one metric: give it by --metric; there are ${[...bare].join(', ')}`);
  const found = pivotRows(rows, { row, column, metrics, better: directionsOf(runs)[metrics[0]] });
  if (options.json) return `${JSON.stringify({ metric: [...bare][0], column, ...found })}\n`;
  return options.csv ? comparisonCsv(pivotNumbers(found)) : draw(pivotTable(found), 1, options);
}

/** @param left how many columns hold names, not numbers. */
function draw(table: ComparisonTable, left: number, { md, latex }: CompareOptions): string {
  if (md) return comparisonMarkdown(table);
  return latex ? comparisonLatex(table, left) : comparisonText(table, left - 1);
}

function axesOf(rows: readonly ComparisonRow[]): string[] {
  return [...new Set(rows.flatMap(({ point }) => Object.keys(point)))];
}

function averagedAxes(rows: readonly ComparisonRow[], { over, groupBy }: CompareOptions): string[] {
  const axes = axesOf(rows);
  for (const axis of [...over, ...groupBy]) {
    if (!axes.includes(axis)) throw unknownName('no axis', axis, axes);
  }
  return axes.filter((axis) => over.includes(axis) || (groupBy.length > 0 && !groupBy.includes(axis)));
}

/** The one row that is meant by the start of a run's id, or by values of axes. */
function findBaseline(rows: readonly SummaryRow[], wanted: string): SummaryRow {
  const pairs = wanted.includes('=') ? wanted.split(',').map((pair) => pair.split('=')) : null;
  const found = rows.filter((row) =>
    pairs
      ? pairs.every(([axis, value]) => axisText(row.point[axis]) === value)
      : row.runId.startsWith(wanted),
  );
  if (found.length === 1) return found[0];
  const what = found.length === 0 ? 'no row is' : `${found.length} rows are`;
  throw new UsageError(`--baseline: ${what} '${wanted}'; give a run's id, or AXIS=VALUE,… that one row has`);
}

function factsOf(lineage: Lineage, wanted: string): RunFacts {
  const { id, points } = findRun(lineage, wanted);
  return { runId: id, points, steps: lineage.steps(id) };
}

function sortKey(text: string, rows: readonly ComparisonRow[], metrics: readonly string[]) {
  const descending = text.startsWith('-');
  const name = descending ? text.slice(1) : text;
  const axes = axesOf(rows);
  if (!metrics.includes(name) && !axes.includes(name))
    throw unknownName('--sort: no metric or axis', name, [...axes, ...metrics]);
  return { name, descending };
}

function pick<Value>(metrics: { readonly [name: string]: Value }, names: readonly string[]) {
  return Object.fromEntries(names.filter((name) => name in metrics).map((name) => [name, metrics[name]]));
}

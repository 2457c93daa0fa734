import type { Command } from 'commander';
import { type Lineage, openLineage } from '../store/read-lineage.ts';
import {
  comparePoints,
  comparisonCsv,
  comparisonMarkdown,
  comparisonTable,
  comparisonText,
  type RunFacts,
  sortedMetricNames,
  sortRows,
} from '../views/compare/compare-points.ts';
import { findRun } from './find-run.ts';
import { artifactsOption, jsonOption } from './options.ts';
import { UsageError } from './usage-error.ts';

interface CompareOptions {
  readonly metric?: string;
  readonly sort?: string;
  readonly onlyChanged?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly md?: boolean;
  readonly artifacts: string;
}

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('points of runs as rows: parameters and metrics side by side')
    .argument('[runs...]', 'ids, starts of ids, or latest', ['latest'])
    .option('--metric <text>', 'only metrics whose names contain this: test.acc')
    .option('--sort <name>', 'by a metric or an axis; -NAME for the largest first')
    .option('--only-changed', 'leave out the columns in which all rows agree')
    .addOption(jsonOption())
    .option('--csv', 'as CSV')
    .option('--md', 'as a Markdown table')
    .addOption(artifactsOption())
    .action(compare);
}

function compare(wanted: string[], options: CompareOptions): void {
  const lineage = openLineage(options.artifacts);
  try {
    const runs = wanted.map((one) => factsOf(lineage, one));
    const all = comparePoints(runs);
    const names = sortedMetricNames(all).filter((name) => name.includes(options.metric ?? ''));
    const rows = options.sort ? sortRows(all, sortKey(options.sort, all, names)) : all;
    if (options.json) {
      const kept = rows.map((row) => ({ ...row, metrics: pick(row.metrics, names) }));
      process.stdout.write(`${JSON.stringify({ rows: kept })}\n`);
      return;
    }
    const table = comparisonTable(rows, { metrics: names, onlyChanged: options.onlyChanged === true });
    if (options.csv) process.stdout.write(comparisonCsv(table));
    else if (options.md) process.stdout.write(comparisonMarkdown(table));
    else process.stdout.write(comparisonText(table, table.columns.length - names.length - 1));
  } finally {
    lineage.close();
  }
}

function factsOf(lineage: Lineage, wanted: string): RunFacts {
  const { id, points } = findRun(lineage, wanted);
  return { runId: id, points, steps: lineage.steps(id) };
}

function sortKey(text: string, rows: ReturnType<typeof comparePoints>, metrics: readonly string[]) {
  const descending = text.startsWith('-');
  const name = descending ? text.slice(1) : text;
  const axes = rows.flatMap(({ point }) => Object.keys(point));
  if (!metrics.includes(name) && !axes.includes(name)) {
    throw new UsageError(
      `--sort: no metric or axis '${name}'; there are ${[...new Set(axes), ...metrics].join(', ')}`,
    );
  }
  return { name, descending };
}

function pick(metrics: { readonly [name: string]: number }, names: readonly string[]) {
  return Object.fromEntries(names.filter((name) => name in metrics).map((name) => [name, metrics[name]]));
}

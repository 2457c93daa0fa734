import { describe, expect, it } from 'vitest';
import {
  agrees,
  comparePoints,
  comparisonMarkdown,
  comparisonText,
  sortedMetricNames,
  sortRows,
} from '../../../src/views/compare/compare-points.ts';
import { summariseRows } from '../../../src/views/compare/summarise-rows.ts';
import { summaryTable } from '../../../src/views/compare/summary-table.ts';

const metric = (value: number, name = 'acc') => ({ name, split: 'test', value, better: 'higher' as const });
const rows = comparePoints([
  {
    runId: 'run-1',
    points: [
      { d: 3, gamma: 0.01 },
      { d: 3, gamma: 0.1 },
    ],
    steps: [
      { key: 'evaluate-cae', point: { d: 3 }, metrics: [metric(0.66)] },
      { key: 'evaluate-dcec', point: { d: 3, gamma: 0.01 }, metrics: [metric(0.65)] },
      { key: 'evaluate-dcec', point: { d: 3, gamma: 0.1 }, metrics: [metric(0.64)] },
    ],
  },
]);

describe('comparePoints', () => {
  it('gives a shared step to every point that agrees with its axes', () => {
    expect(rows).toEqual([
      {
        runId: 'run-1',
        point: { d: 3, gamma: 0.01 },
        metrics: { 'evaluate-cae.test.acc': 0.66, 'evaluate-dcec.test.acc': 0.65 },
      },
      {
        runId: 'run-1',
        point: { d: 3, gamma: 0.1 },
        metrics: { 'evaluate-cae.test.acc': 0.66, 'evaluate-dcec.test.acc': 0.64 },
      },
    ]);
  });
});

describe('a table of points', () => {
  const table = summaryTable(summariseRows(rows, []), {
    metrics: sortedMetricNames(rows),
    directions: {},
    onlyChanged: false,
    baseline: null,
  });

  it('is aligned as text, and has a cell for each title as Markdown', () => {
    expect(table.columns).toEqual(['run', 'd', 'gamma', 'evaluate-cae.test.acc', 'evaluate-dcec.test.acc']);
    expect(comparisonMarkdown(table).split('\n')[2]).toBe('| run-1 | 3 | 0.01 | 0.6600 | 0.6500 |');
    expect(comparisonText(table, 2).split('\n')[2]).toBe(
      'run-1  3  0.01                  0.6600                  0.6500',
    );
  });
});

describe('sortRows', () => {
  it('sorts by a metric or an axis, rows without a value last', () => {
    const sparse = [{ runId: 'x', point: {}, metrics: {} }, ...rows];
    const byAcc = sortRows(sparse, { name: 'evaluate-dcec.test.acc', descending: false });
    expect(byAcc.map(({ metrics }) => metrics['evaluate-dcec.test.acc'])).toEqual([0.64, 0.65, undefined]);
    const byGamma = sortRows(rows, { name: 'gamma', descending: true });
    expect(byGamma.map(({ point }) => point.gamma)).toEqual([0.1, 0.01]);
  });
});

describe('agreeing on axes', () => {
  it('tells a number from the text that reads like it', () => {
    expect(agrees({ d: 3 }, { d: 3, seed: 0 })).toBe(true);
    expect(agrees({ d: 3 }, { d: '3', seed: 0 })).toBe(false);
  });
});

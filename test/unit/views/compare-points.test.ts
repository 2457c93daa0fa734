import { describe, expect, it } from 'vitest';
import {
  agrees,
  comparePoints,
  comparisonCsv,
  comparisonMarkdown,
  comparisonTable,
  comparisonText,
  sortedMetricNames,
  sortRows,
} from '../../../src/views/compare/compare-points.ts';

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

describe('comparisonTable', () => {
  const metrics = sortedMetricNames(rows);

  it('shows only what differs when asked to', () => {
    const table = comparisonTable(rows, { metrics, onlyChanged: true });
    expect(comparisonCsv(table)).toBe('gamma,evaluate-dcec.test.acc\n0.01,0.6500\n0.1,0.6400\n');
  });

  it('shows everything otherwise', () => {
    const table = comparisonTable(rows, { metrics, onlyChanged: false });
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

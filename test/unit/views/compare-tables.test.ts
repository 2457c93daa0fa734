import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComparisonRow } from '../../../src/views/compare/compare-points.ts';
import { comparisonLatex, escapeLatex } from '../../../src/views/compare/latex-table.ts';
import { pivotNumbers, summaryNumbers } from '../../../src/views/compare/numbers-table.ts';
import { pivotRows, pivotTable } from '../../../src/views/compare/pivot-table.ts';
import { findBest, judgeDifference, summariseRows } from '../../../src/views/compare/summarise-rows.ts';
import { summaryTable } from '../../../src/views/compare/summary-table.ts';
import { temporaryFolder } from '../../support/clade.ts';

const row = (d: number, seed: number, acc: number, mse = 0.1): ComparisonRow => ({
  runId: 'r1',
  point: { d, seed },
  metrics: { 'dec.test.acc': acc, 'dec.test.mse': mse, 'dcec.test.acc': acc + 0.3 },
});
// Of 0.5, 0.6, 0.7: mean 0.6, sample standard deviation 0.1; of 0.8, 0.82, 0.84: 0.82 and 0.02.
const ROWS = [
  row(3, 0, 0.5),
  row(3, 1, 0.6),
  row(3, 2, 0.7),
  row(10, 0, 0.8),
  row(10, 1, 0.82),
  row(10, 2, 0.84),
];
const directions = { 'dec.test.acc': 'higher', 'dec.test.mse': 'lower' } as const;
const options = { metrics: ['dec.test.acc', 'dec.test.mse'], directions, onlyChanged: true, baseline: null };

describe('summariseRows', () => {
  it('takes mean, sample standard deviation and number along an axis', () => {
    const [three, ten] = summariseRows(ROWS, ['seed']);
    expect(three.point).toEqual({ d: 3 });
    expect(three.metrics['dec.test.acc'].mean).toBeCloseTo(0.6, 12);
    expect(three.metrics['dec.test.acc'].sd).toBeCloseTo(0.1, 12);
    expect(three.metrics['dec.test.acc'].n).toBe(3);
    expect(ten.metrics['dec.test.acc'].sd).toBeCloseTo(0.02, 12);
  });

  it('averages what is there where a point lacks a metric, and says of how many', () => {
    const lacking = [...ROWS.slice(0, 2), { ...ROWS[2], metrics: {} }];
    expect(summariseRows(lacking, ['seed'])[0].metrics['dec.test.acc'].n).toBe(2);
  });
});

describe('findBest', () => {
  const of = (mean: number, sd: number | null) => ({ mean, sd, n: sd === null ? 1 : 3 });
  it('marks what is better than every other by more than both standard deviations together', () => {
    // √(0.03² + 0.04²) = 0.05
    expect(findBest([of(0.6, 0.03), of(0.66, 0.04)], 'higher')).toBe(1);
    expect(findBest([of(0.6, 0.03), of(0.64, 0.04)], 'higher')).toBeNull();
    expect(findBest([of(0.6, 0.03), of(0.66, 0.04)], 'lower')).toBe(0);
    expect(findBest([of(0.6, 0.03), null, of(0.66, 0.04), of(0.65, 0.01)], 'higher')).toBeNull();
  });
  it('marks nothing without a spread, a direction, or another value', () => {
    expect(findBest([of(0.1, null), of(0.9, null)], 'higher')).toBeNull();
    expect(findBest([of(0.1, 0.01), of(0.9, 0.01)], 'neither')).toBeNull();
    expect(findBest([of(0.9, 0.01)], 'higher')).toBeNull();
  });
});

describe('judgeDifference', () => {
  it('follows the metric, not the sign', () => {
    expect(judgeDifference(0.1, 'higher')).toBe('better');
    expect(judgeDifference(0.1, 'lower')).toBe('worse');
    expect(judgeDifference(-0.1, 'lower')).toBe('better');
    expect(judgeDifference(0, 'higher')).toBeNull();
    expect(judgeDifference(1, 'neither')).toBeNull();
  });
});

describe('summaryTable', () => {
  const summary = summariseRows(ROWS, ['seed']);
  it('shows only what differs, mean ± sd with n, and marks the best beyond the spread', () => {
    expect(summaryTable(summary, options)).toEqual({
      columns: ['d', 'dec.test.acc'],
      rows: [
        ['3', '0.6000 ± 0.1000 (n 3)'],
        ['10', '0.8200 ± 0.02000 (n 3) *'],
      ],
    });
  });
  it('shows the difference to a baseline, and whether it is better', () => {
    const { rows } = summaryTable(summary, { ...options, baseline: summary[1] });
    expect(rows[0][1]).toBe('0.6000 ± 0.1000 (n 3) (−0.2200 worse)');
    expect(rows[1][1]).toContain('(baseline)');
  });
  it('shows every column when asked to', () => {
    expect(summaryTable(summary, { ...options, onlyChanged: false }).columns).toEqual([
      'run',
      'd',
      'dec.test.acc',
      'dec.test.mse',
    ]);
  });
});

describe('pivotRows', () => {
  it('sets steps against an axis, all other axes averaged', () => {
    const metrics = ['dec.test.acc', 'dcec.test.acc'];
    const pivot = pivotRows(ROWS, { row: 'step', column: 'd', metrics, better: 'higher' });
    expect(pivotTable(pivot)).toEqual({
      columns: ['step', '3', '10'],
      rows: [
        ['dec', '0.6000 ± 0.1000 (n 3)', '0.8200 ± 0.02000 (n 3)'],
        ['dcec', '0.9000 ± 0.1000 (n 3) *', '1.120 ± 0.02000 (n 3) *'],
      ],
    });
  });
  it('leaves a cell without a value empty', () => {
    const rows = [row(3, 0, 0.5), row(10, 1, 0.8)];
    const table = pivotTable(
      pivotRows(rows, { row: 'd', column: 'seed', metrics: ['dec.test.acc'], better: 'higher' }),
    );
    expect(table.rows).toEqual([
      ['3', '0.5000', ''],
      ['10', '', '0.8000'],
    ]);
  });
});

describe('numbers for programs', () => {
  const summary = summariseRows(ROWS, ['seed']);
  const metrics = ['dec.test.acc', 'dec.test.mse'];
  const asked = { metrics, onlyChanged: true, baseline: null, averaged: true };

  it('have mean, standard deviation and number in columns of their own, with every digit', () => {
    const { columns, rows } = summaryNumbers(summary, asked);
    expect(columns).toEqual(['d', 'dec.test.acc', 'dec.test.acc.sd', 'dec.test.acc.n']);
    const { mean, sd } = summary[0].metrics['dec.test.acc'];
    expect(rows[0].map(Number)).toEqual([3, mean, sd, 3]);
  });

  it('have one column a metric where a row is one point', () => {
    const { columns, rows } = summaryNumbers(summariseRows(ROWS, []), { ...asked, averaged: false });
    expect(columns).toEqual(['d', 'seed', 'dec.test.acc']);
    expect(rows[0]).toEqual(['3', '0', '0.5']);
  });

  it('leave empty what is not there: the deviation of one value, the metric of a point without it', () => {
    const sparse = summariseRows([row(3, 0, 0.5), { ...row(10, 0, 0), metrics: {} }], ['seed']);
    const { rows } = summaryNumbers(sparse, { ...asked, metrics: ['dec.test.acc'] });
    expect(rows).toEqual([
      ['3', '0.5', '', '1'],
      ['10', '', '', ''],
    ]);
  });

  it('have the difference to a baseline as a number, 0 of the baseline itself', () => {
    const { columns, rows } = summaryNumbers(summary, { ...asked, baseline: summary[1] });
    const at = columns.indexOf('dec.test.acc.difference');
    expect(Number(rows[0][at])).toBeCloseTo(-0.22, 12);
    expect(rows[1][at]).toBe('0');
  });

  it('are those of a pivot too', () => {
    const request = { row: 'step', column: 'd', metrics: ['dec.test.acc', 'dcec.test.acc'] };
    const { columns, rows } = pivotNumbers(pivotRows(ROWS, { ...request, better: 'higher' }));
    expect(columns).toEqual(['step', '3', '3.sd', '3.n', '10', '10.sd', '10.n']);
    expect(rows.map(([name]) => name)).toEqual(['dec', 'dcec']);
    expect(rows[1].slice(1).every((cell) => cell !== '' && Number.isFinite(Number(cell)))).toBe(true);
  });
});

describe('comparisonLatex', () => {
  const table = {
    columns: ['name_of & %', 'dec.test.acc'],
    rows: [
      ['a\\b{c}~^$#[x]', '0.82 ± 0.02 (n 3) *'],
      ['γ → 1', '0.6 (−0.2 worse)'],
    ],
  };
  it('is a booktabs table with the best in bold and every special character escaped', () => {
    const latex = comparisonLatex(table, 1);
    expect(latex).toContain('\\begin{tabular}{lr}');
    expect(latex).toContain('name\\_of \\& \\% & dec.test.acc \\\\');
    expect(latex).toContain('\\textbf{0.82 $\\pm$ 0.02 (n 3)}');
    expect(latex).toContain('a\\textbackslash{}b\\{c\\}\\textasciitilde{}\\textasciicircum{}\\$\\#{[}x]');
    for (const rule of ['\\toprule', '\\midrule', '\\bottomrule']) expect(latex).toContain(rule);
  });

  it('leaves no special character bare, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bare = escapeLatex(text).replace(/\\text\w+\{\}|\\[&%$#_{}]|\$\\?[\w-]+\$|\{\[\}/g, '');
        expect(bare).not.toMatch(/[\\&%#_{}~^$[]/);
      }),
    );
  });

  it.skipIf(spawnSync('pdflatex', ['--version']).error !== undefined)('compiles', () => {
    const place = temporaryFolder();
    try {
      const body = `\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n${comparisonLatex(table, 1)}\\end{document}\n`;
      writeFileSync(join(place.path, 't.tex'), body);
      execFileSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', 't.tex'], { cwd: place.path });
      expect(readFileSync(join(place.path, 't.pdf')).subarray(0, 4).toString()).toBe('%PDF');
    } finally {
      place.remove();
    }
  });
});

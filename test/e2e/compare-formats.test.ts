import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clade, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

interface Row {
  readonly point: { readonly gamma: number; readonly seed: number };
  readonly metrics: { readonly [name: string]: number };
}
let rows: readonly Row[] = [];
const compare = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await clade(['compare', 'latest', ...args], { cwd: place.path });
  expect(exitCode, stderr).toBe(0);
  return stdout;
};

beforeAll(async () => {
  makePictureFolder(join(place.path, 'data'));
  // A name that LaTeX, Markdown and CSV would each take for something of their own.
  const text = SMALL_PIPELINE.replace('name: small', 'name: a_b & 50% "x"');
  writeFileSync(
    join(place.path, 'small.yaml'),
    `${text}sweep:\n  grid: { gamma: [0.1, 0.9], seed: [0, 1] }\n`,
  );
  expect((await clade(['run', 'small.yaml'], { cwd: place.path })).exitCode).toBe(0);
  rows = JSON.parse(await compare('--json')).rows;
}, 120_000);

const METRIC = 'evaluate.test.acc';

describe('what clade compare writes', { timeout: 60_000 }, () => {
  it('as CSV is read back with the values that JSON has', async () => {
    const table: { [column: string]: string }[] = parse(await compare('--metric', 'test.acc', '--csv'), {
      columns: true,
    });
    expect(table).toHaveLength(4);
    expect(table.map((row) => [Number(row.gamma), Number(row.seed), Number(row[METRIC])])).toEqual(
      rows.map(({ point, metrics }) => [point.gamma, point.seed, metrics[METRIC]]),
    );
  });

  it.each([
    ['means over seeds', ['--over', 'seed']],
    ['means beside a baseline', ['--over', 'seed', '--baseline', 'gamma=0.1']],
    ['a pivot', ['--pivot', 'gamma', 'seed']],
    ['a pivot of means', ['--pivot', 'step', 'gamma']],
  ])('as CSV has one number in each cell: %s', async (_, args) => {
    const table: { [column: string]: string }[] = parse(
      await compare('--metric', 'test.acc', ...args, '--csv'),
      { columns: true },
    );
    expect(table.length).toBeGreaterThan(0);
    for (const { step, ...numbers } of table)
      expect(Object.values(numbers).filter((cell) => cell === '' || Number.isNaN(Number(cell)))).toEqual([]);
  });

  it('as CSV has the mean, deviation and number that JSON has', async () => {
    const args = ['--metric', 'test.acc', '--over', 'seed', '--all'];
    const table: { [column: string]: string }[] = parse(await compare(...args, '--csv'), { columns: true });
    const summary: { metrics: { [name: string]: object } }[] = JSON.parse(
      await compare(...args, '--json'),
    ).rows;
    expect(
      table.map((row) => ({
        mean: Number(row[METRIC]),
        sd: Number(row[`${METRIC}.sd`]),
        n: Number(row[`${METRIC}.n`]),
      })),
    ).toEqual(summary.map(({ metrics }) => metrics[METRIC]));
  });

  it('as Markdown is a table with a cell for each title in every row', async () => {
    const lines = (await compare('--metric', 'test.acc', '--md')).trimEnd().split('\n');
    const cells = lines.map((line) =>
      line
        .replace(/^\||\|$/g, '')
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
    expect(cells).toHaveLength(2 + 4);
    expect(new Set(cells.map(({ length }) => length)).size).toBe(1);
    expect(cells[1].every((cell) => /^:?-+:?$/.test(cell))).toBe(true); // GitHub's rule below the titles
    const at = cells[0].indexOf(METRIC);
    expect(at).toBeGreaterThan(0);
    for (const [index, row] of cells.slice(2).entries())
      expect(Number.parseFloat(row[at])).toBeCloseTo(rows[index].metrics[METRIC], 3);
  });

  const hasLatex = spawnSync('pdflatex', ['--version']).status === 0;
  it.skipIf(!hasLatex).each([
    ['a row a point', []],
    ['means over seeds', ['--over', 'seed']],
    ['a pivot', ['--pivot', 'gamma', 'seed', '--metric', 'test.acc']],
  ])('as LaTeX compiles with booktabs and nothing else: %s', async (_, args) => {
    const table = await compare(...args, '--latex');
    const document = `\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n${table}\n\\end{document}\n`;
    writeFileSync(join(place.path, 'table.tex'), document);
    const { status, stdout } = spawnSync(
      'pdflatex',
      ['-halt-on-error', '-interaction=nonstopmode', 'table.tex'],
      {
        cwd: place.path,
        encoding: 'utf8',
      },
    );
    expect(status, stdout).toBe(0);
    expect(existsSync(join(place.path, 'table.pdf'))).toBe(true);
  });
});

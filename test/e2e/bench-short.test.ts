import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { ROOT } from '../support/clade.ts';

test("the orchestrator's bench does all its work with clade alone, and judges every row of the bar", async () => {
  const args = ['--short', '--tools', 'clade', '--json', '--home', join(tmpdir(), 'no-rivals-here')];
  const { stdout } = await execa('node', [join(ROOT, 'bench/orchestrator/compare.mjs'), ...args], {
    cwd: ROOT,
  });
  const report = JSON.parse(stdout) as {
    speed: { [work: string]: { tool: string; coldMs: number[]; cachedMs: number[] }[] };
    bar: { work: string; met: boolean | null }[];
    correctness: { [test: string]: { clade: { ok: boolean | null } } };
  };
  expect(Object.keys(report.speed)).toEqual(['20 copies', 'a chain of 20', '20 steps in process']);
  for (const [row] of Object.values(report.speed)) {
    expect(row).toMatchObject({
      tool: 'clade',
      coldMs: [expect.any(Number)],
      cachedMs: [expect.any(Number)],
    });
  }
  expect(report.bar.map(({ work }) => work)).toEqual([
    '20 `command` copies, cold',
    '20 copies, all cached',
    '20 in a chain, all cached',
    '20 in-process steps, cold',
    expect.stringMatching(/^plan of 100 points, \d+ steps$/),
    'plan of a chain of 1000',
    'memory of the plan of points',
  ]);
  expect(Object.values(report.correctness).map(({ clade }) => clade.ok)).toEqual([true, true]);
}, 120_000);

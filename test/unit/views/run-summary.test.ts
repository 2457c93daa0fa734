import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../src/runner/run-options.ts';
import { EMPTY_RUN, reduceRun } from '../../../src/views/run-state.ts';
import { type SummaryStyle, summariseRun } from '../../../src/views/run-summary.ts';
import { symbolsFor } from '../../../src/views/symbols.ts';
import { runEvents, STARTED } from '../../support/run-events.ts';

const STYLE: SummaryStyle = {
  symbols: symbolsFor({ LANG: 'C.UTF-8' }, 'linux'),
  width: 100,
  place: '',
  interactive: true,
};
const summary = (bodies: readonly EventBody[], style: Partial<SummaryStyle> = {}): string[] =>
  summariseRun(runEvents(STARTED, ...bodies).reduce(reduceRun, EMPTY_RUN), { ...STYLE, ...style });

const ended = (status: 'succeeded' | 'failed' | 'interrupted'): EventBody => ({
  event: 'run-finished',
  status,
  steps: { total: 2, executed: 1, reused: 0, failed: 0, skipped: 0 },
  durationMs: 1000,
});
const measured = (stepId: string, name: string, value: number, better: 'higher' | 'lower'): EventBody => ({
  event: 'step-finished',
  stepId,
  attempt: 'a',
  fingerprint: 'f',
  durationMs: 1,
  metrics: [{ name, split: 'test', value, better }],
  notes: [],
});
const failed = (stepId: string): EventBody => ({
  event: 'step-failed',
  stepId,
  attempt: 'a',
  reason: 'bad-input',
  message: 'told why',
  logTail: ['the last line'],
});

describe('summariseRun', () => {
  it('ends with one command to go on with, where the artifacts are', () => {
    const commands = (lines: string[]) => lines.filter((line) => line.includes('clade '));
    expect(commands(summary([ended('succeeded')], { place: ' --artifacts out' }))).toEqual([
      'Next: clade ui --artifacts out   (curves, pictures, comparison)',
    ]);
    expect(commands(summary([ended('succeeded')], { interactive: false }))).toEqual([
      'Next: clade show latest',
    ]);
    expect(commands(summary([failed('pretrain'), ended('failed')]))).toEqual([
      'Next: clade logs latest pretrain',
    ]);
    expect(summary([ended('interrupted')]).at(-1)).toContain('run the same command again');
  });

  it('shows the best of many points, by the direction of the metric', () => {
    const values = Array.from({ length: 30 }, (_, at) => at);
    const rows = (name: string, better: 'higher' | 'lower') =>
      summary([...values.map((at) => measured(`evaluate@seed=${at}`, name, at, better)), ended('succeeded')]);
    expect(rows('acc', 'higher')[4]).toMatch(/seed=29 +29$/);
    expect(rows('mse', 'lower')[4]).toMatch(/seed=0 +0$/);
    expect(rows('mse', 'lower')).toContain('the best 12 of 30 by test.mse; all: clade compare latest');
  });

  it('keeps the log of the first three that failed, and names the others', () => {
    const text = summary([...['a', 'b', 'c', 'd', 'e'].map(failed), ended('failed')]);
    expect(text.filter((line) => line === '  | the last line')).toHaveLength(3);
    expect(text).toContain('✘ failed as well: d, e');
  });
});

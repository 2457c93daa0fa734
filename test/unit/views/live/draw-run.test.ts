import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../../src/runner/run-options.ts';
import type { Look } from '../../../../src/views/cells.ts';
import { drawRun } from '../../../../src/views/live/draw-run.ts';
import { EMPTY_RUN, reduceRun } from '../../../../src/views/run-state.ts';
import { symbolsFor } from '../../../../src/views/symbols.ts';
import { displayWidth } from '../../../../src/views/text-table.ts';
import { planned, progressed, runEvents, STARTED, started } from '../../../support/run-events.ts';

const symbols = symbolsFor({ LANG: 'C.UTF-8' }, 'linux');
const look: Look = { symbols, depth: 'none', unicode: true };

interface Screen {
  readonly columns?: number;
  readonly rows?: number;
  readonly interrupting?: boolean;
}

/** The block as text, at the time of the last event. */
function shown(bodies: readonly EventBody[], screen: Screen = {}): string[] {
  const events = runEvents(...bodies);
  const state = events.reduce(reduceRun, EMPTY_RUN);
  const nowMs = Date.parse(events.at(-1)!.at);
  const picture = { state, nowMs, look, columns: 100, rows: 30, interrupting: false, ...screen };
  return drawRun(picture).map((line) => line.map(({ text }) => text).join(''));
}

const TRAINING: EventBody[] = [
  { ...STARTED, steps: 10, points: 4 } as EventBody,
  planned('pretrain'),
  { event: 'step-reused', stepId: 'ingest', fingerprint: 'f', metrics: [] },
  {
    event: 'step-failed',
    stepId: 'other',
    attempt: 'a',
    reason: 'bad-input',
    message: 'no\nmore',
    logTail: [],
  },
  started('pretrain'),
  progressed('pretrain', 10, 0.9),
  progressed('pretrain', 20, 0.5),
  progressed('pretrain', 30, 0.25),
];

describe('drawRun', () => {
  it('tells of the plan, workers, engine, what was reused and what failed, and of the step with curve and ETA', () => {
    // Events are a second apart: 10 epochs a second, so 70 epochs take 7 s more.
    expect(shown(TRAINING, { columns: 110 })).toEqual([
      'thesis ████░░░░░░░░░░░░░░░░░░░░ 2/10 steps · 4 points · 1 reused · 1 failed · 1/2 workers · wasm · 7 s',
      '▶ pretrain  epoch  30/100  ETA 7 s  █▄▁                       loss 0.2500',
      '✘ other  no',
    ]);
  });

  it('tells points of one step apart at 60 columns', () => {
    const ids = [0, 1, 2].map((seed) => `finetune@embeddingDim=10,gamma=0.01,seed=${seed}`);
    const lines = shown(
      [
        { ...STARTED, steps: 3 } as EventBody,
        ...ids.map((id) => planned(id)),
        ...ids.map((id) => started(id)),
      ],
      {
        columns: 60,
      },
    );
    for (const [at, line] of lines.slice(-3).entries()) expect(line).toContain(`seed=${at}`);
    expect(lines.at(-1)).toMatch(/▶ finetune@/);
  });

  it.each([
    40, 60, 80, 100, 200,
  ])('is never as wide as a terminal of %i columns, and leaves no fact out', (columns) => {
    const lines = shown(TRAINING, { columns });
    expect(Math.max(...lines.map(displayWidth))).toBeLessThan(columns);
    const text = lines.join('\n');
    for (const fact of ['2/10 steps', '1 reused', '1 failed', 'epoch  30/100']) expect(text).toContain(fact);
    if (columns >= 60)
      for (const fact of ['1/2 workers', 'wasm', 'ETA 7 s', '█▄▁']) expect(text).toContain(fact);
  });

  it('leaves the row of the cursor free however many steps run or fail, and says how many it leaves out', () => {
    const many = Array.from({ length: 20 }, (_, at) => [
      started(`train@seed=${at}`),
      { ...TRAINING[3], stepId: `lost@seed=${at}` } as EventBody,
    ]).flat();
    for (const rows of [2, 4, 6, 14, 60]) {
      const lines = shown([STARTED, ...many], { rows, columns: 120 });
      expect(lines.length).toBeLessThan(Math.min(rows, 14));
    }
    const text = shown([STARTED, ...many], { rows: 60, columns: 120 }).join('\n');
    expect(text).toContain('13 more running'); // 8 rows: 7 steps and this
    expect(text).toContain('18 more failed');
  });

  it('says at once that Ctrl-C was heard', () => {
    expect(shown(TRAINING, { interrupting: true }).at(-1)).toMatch(/^ending the running steps/);
  });

  it('shows no control characters that a file brought', () => {
    const evil = { ...STARTED, pipeline: 'a\u001b[2Jb' } as EventBody;
    expect(shown([evil]).join('')).not.toContain('\u001b');
  });
});

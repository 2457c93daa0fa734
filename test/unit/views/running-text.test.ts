import { describe, expect, it } from 'vitest';
import { runningSteps, runningText } from '../../../src/views/lineage/running-text.ts';
import { EMPTY_RUN, reduceRun } from '../../../src/views/run-state.ts';
import { planned, progressed, runEvents, STARTED, started } from '../../support/run-events.ts';

/** Events are a second apart. */
const events = runEvents(
  STARTED,
  planned('pretrain'),
  planned('split'),
  started('pretrain'),
  progressed('pretrain', 10, 0.9),
  progressed('pretrain', 20, 0.5),
);
const state = events.reduce(reduceRun, EMPTY_RUN);

describe('what clade status tells of a run that goes on', () => {
  it('is how far it is, and of each running step progress, ETA and values', () => {
    const nowMs = Date.parse(events.at(-1)!.at);
    // 10 epochs a second: 80 epochs take 8 s more.
    expect(runningText(state, nowMs).split('\n')).toEqual([
      'run-1: 0 of 2 steps settled',
      '',
      expect.stringMatching(/^running +for +progress +ETA *$/),
      expect.stringMatching(/^-/),
      expect.stringMatching(/^pretrain +2\.0 s +epoch 20\/100 +8\.0 s +loss 0\.5000$/),
      '',
    ]);
  });

  it('is a row for each running step as JSON', () => {
    expect(runningSteps(state)).toEqual([
      {
        stepId: 'pretrain',
        startedAt: events[3].at,
        done: 20,
        total: 100,
        unit: 'epoch',
        values: { loss: 0.5 },
      },
    ]);
  });

  it('is how far it is where no step runs', () => {
    expect(runningText(events.slice(0, 3).reduce(reduceRun, EMPTY_RUN), 0)).toBe(
      'run-1: 0 of 2 steps settled\n',
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../src/runner/run-options.ts';
import { EMPTY_RUN, type RunState, reduceRun, remainingMs } from '../../../src/views/run-state.ts';
import { planned, progressed, runEvents, STARTED, started } from '../../support/run-events.ts';

const stateAfter = (...bodies: EventBody[]): RunState => runEvents(...bodies).reduce(reduceRun, EMPTY_RUN);

describe('reduceRun', () => {
  it('keeps two runs apart although both begin with the same empty state', () => {
    const first = stateAfter(STARTED, planned('a'));
    const second = stateAfter(STARTED, planned('b'));
    expect([...first.steps.keys()]).toEqual(['a']);
    expect([...second.steps.keys()]).toEqual(['b']);
    expect(EMPTY_RUN.steps.size).toBe(0);
  });

  it('follows a step from plan to progress, and keeps a trace of its first value', () => {
    const state = stateAfter(
      STARTED,
      planned('a'),
      started('a'),
      progressed('a', 1, 0.5),
      progressed('a', 2, 0.25),
    );
    expect(state.steps.get('a')).toMatchObject({
      status: 'running',
      progress: { done: 2, total: 100, trace: [0.5, 0.25] },
    });
  });

  it('counts what was executed, reused, failed and skipped', () => {
    const state = stateAfter(
      STARTED,
      { event: 'step-reused', stepId: 'a', fingerprint: 'f', metrics: [] },
      { event: 'step-failed', stepId: 'b', attempt: null, reason: 'bad-input', message: 'm', logTail: [] },
      { event: 'step-skipped', stepId: 'c', because: 'b failed' },
    );
    expect(state.counts).toEqual({ total: 2, executed: 0, reused: 1, failed: 1, skipped: 1 });
  });
});

describe('remainingMs', () => {
  it('goes on at the pace so far', () => {
    const state = stateAfter(STARTED, started('a'), progressed('a', 25, 1));
    const step = state.steps.get('a')!;
    expect(remainingMs(step, step.startedAtMs! + 10_000)).toBe(30_000);
  });

  it('says nothing before there is a pace', () => {
    const state = stateAfter(STARTED, started('a'));
    expect(remainingMs(state.steps.get('a')!, Date.now())).toBeNull();
  });
});

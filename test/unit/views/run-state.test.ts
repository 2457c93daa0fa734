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

describe('the trace of a step', () => {
  it('holds its whole course in few values, however long it gets', () => {
    const bodies = Array.from({ length: 1000 }, (_, at) => progressed('a', at, at));
    const { trace } = stateAfter(STARTED, started('a'), ...bodies).steps.get('a')!.progress!;
    expect(trace.length).toBeGreaterThan(40);
    expect(trace.length).toBeLessThanOrEqual(96);
    expect(trace[0]).toBe(0);
    expect(trace.at(-1)).toBeGreaterThan(960);
    const gaps = new Set(trace.slice(1).map((value, at) => value - trace[at]));
    expect(gaps.size).toBe(1); // evenly spaced
  });
});

describe('remainingMs', () => {
  // Events of these tests are a second apart.
  it('goes on at the pace since its progress was first told, and counts down in between', () => {
    const state = stateAfter(STARTED, started('a'), progressed('a', 5, 1), progressed('a', 25, 1));
    const step = state.steps.get('a')!;
    const toldMs = step.startedAtMs! + 2000;
    expect(remainingMs(step, toldMs)).toBe(3750); // 20 epochs a second, 75 to go
    expect(remainingMs(step, toldMs + 1000)).toBe(2750);
    expect(remainingMs(step, toldMs + 60_000)).toBe(0);
  });

  it('is not misled by a step that goes on from a checkpoint', () => {
    const state = stateAfter(STARTED, started('a'), progressed('a', 90, 1), progressed('a', 91, 1));
    const step = state.steps.get('a')!;
    expect(remainingMs(step, step.startedAtMs! + 2000)).toBe(9000);
  });

  it('says nothing before there is a pace', () => {
    const state = stateAfter(STARTED, started('a'), progressed('a', 1, 1));
    expect(remainingMs(state.steps.get('a')!, Date.now())).toBeNull();
  });
});

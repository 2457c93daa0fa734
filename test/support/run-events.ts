import type { RunEvent } from '../../src/core/events.ts';
import type { EventBody } from '../../src/runner/run-options.ts';

const START_MS = Date.UTC(2026, 10, 23, 5, 12, 0);

/** Events of one run, each a second after the one before. */
export function runEvents(...bodies: readonly EventBody[]): RunEvent[] {
  return bodies.map(
    (body, at) => ({ at: new Date(START_MS + at * 1000).toISOString(), runId: 'run-1', ...body }) as RunEvent,
  );
}

export const STARTED: EventBody = {
  event: 'run-started',
  pipeline: 'thesis',
  file: 'thesis.yaml',
  engine: 'wasm',
  workers: 2,
  steps: 2,
  points: 1,
  notes: [],
};

export function planned(stepId: string, uses = stepId): EventBody {
  return { event: 'step-planned', stepId, uses, point: {}, dependsOn: [] };
}

export function started(stepId: string): EventBody {
  return {
    event: 'step-started',
    stepId,
    attempt: 'a1',
    fingerprint: 'f',
    reasons: [{ code: 'never-made', field: stepId }],
    resumedFrom: null,
  };
}

export function progressed(stepId: string, done: number, loss: number): EventBody {
  return { event: 'step-progressed', stepId, done, total: 100, unit: 'epoch', values: { loss } };
}

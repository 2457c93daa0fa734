import type { Metric } from '../core/artifact.ts';
import type { RunEvent, RunStatus, StaleReason, StepCounts } from '../core/events.ts';
import type { JsonObject } from '../core/json.ts';

/** What is known of a run after some events: the one reducer behind every live view. */
export interface RunState {
  readonly runId: string;
  readonly pipeline: string;
  /** The pipeline's file, as it was named. */
  readonly file: string;
  readonly engine: string;
  readonly workers: number;
  readonly points: number;
  readonly startedAtMs: number;
  readonly notes: readonly string[];
  readonly steps: ReadonlyMap<string, StepState>;
  readonly counts: StepCounts;
  readonly end: { readonly status: RunStatus; readonly durationMs: number } | null;
}

export interface StepState {
  readonly id: string;
  readonly uses: string;
  /** The axes it depends on. */
  readonly point: JsonObject;
  readonly dependsOn: readonly string[];
  readonly attempt: string | null;
  readonly fingerprint: string | null;
  /** Why it was executed; none for one that was reused. */
  readonly reasons: readonly StaleReason[];
  readonly status: 'planned' | 'running' | 'reused' | 'finished' | 'failed' | 'skipped';
  readonly startedAtMs: number | null;
  readonly durationMs: number | null;
  readonly progress: StepProgress | null;
  readonly metrics: readonly Metric[];
  readonly notes: readonly string[];
  readonly failure: {
    readonly reason: string;
    readonly message: string;
    readonly logTail: readonly string[];
  } | null;
}

export interface StepProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly values: { readonly [name: string]: number };
  /** Where it stood when it was first told: a step that goes on from a checkpoint does not begin at 0. */
  readonly first: { readonly done: number; readonly atMs: number };
  readonly atMs: number;
  /** The first named value from the beginning on, thinned out as it grows: a sparkline. */
  readonly trace: readonly number[];
  /** Each how many-th value is kept, and how many were told. */
  readonly traceEvery: number;
  readonly told: number;
}

/** Even, so that thinning keeps the first. */
const TRACE_KEPT = 96;

export const EMPTY_RUN: RunState = {
  runId: '',
  pipeline: '',
  file: '',
  engine: '',
  workers: 0,
  points: 0,
  startedAtMs: 0,
  notes: [],
  steps: new Map(),
  counts: { total: 0, executed: 0, reused: 0, failed: 0, skipped: 0 },
  end: null,
};

export function reduceRun(state: RunState, event: RunEvent): RunState {
  const atMs = Date.parse(event.at);
  switch (event.event) {
    case 'run-started':
      return {
        ...state,
        runId: event.runId,
        pipeline: event.pipeline,
        file: event.file,
        engine: event.engine,
        workers: event.workers,
        points: event.points,
        startedAtMs: atMs,
        notes: event.notes,
        counts: { ...state.counts, total: event.steps },
      };
    case 'step-planned':
      return withStep(state, event.stepId, {
        ...NEW_STEP,
        id: event.stepId,
        uses: event.uses,
        point: event.point,
        dependsOn: event.dependsOn,
      });
    case 'step-started':
      return withStep(state, event.stepId, {
        status: 'running',
        startedAtMs: atMs,
        attempt: event.attempt,
        fingerprint: event.fingerprint,
        reasons: event.reasons,
      });
    case 'step-progressed': {
      const { done, total, unit, values } = event;
      const known = state.steps.get(event.stepId)?.progress;
      // Another unit is another phase, with a pace of its own.
      const first = known && known.unit === unit && known.total === total ? known.first : { done, atMs };
      const progress = { done, total, unit, values, first, atMs, ...traced(known, Object.values(values)[0]) };
      return withStep(state, event.stepId, { progress });
    }
    case 'step-reused':
      return counted(
        withStep(state, event.stepId, {
          status: 'reused',
          fingerprint: event.fingerprint,
          metrics: event.metrics,
        }),
        'reused',
      );
    case 'step-finished': {
      const { durationMs, metrics, notes } = event;
      return counted(
        withStep(state, event.stepId, {
          status: 'finished',
          fingerprint: event.fingerprint,
          durationMs,
          metrics,
          notes,
        }),
        'executed',
      );
    }
    case 'step-failed': {
      const { attempt, reason, message, logTail } = event;
      const made = attempt === null ? {} : { attempt };
      return counted(
        withStep(state, event.stepId, { status: 'failed', ...made, failure: { reason, message, logTail } }),
        'failed',
      );
    }
    case 'step-retried':
      return withStep(state, event.stepId, { status: 'planned', startedAtMs: null, progress: null });
    case 'step-skipped':
      return counted(withStep(state, event.stepId, { status: 'skipped' }), 'skipped');
    case 'run-finished':
      return { ...state, counts: event.steps, end: { status: event.status, durationMs: event.durationMs } };
  }
}

type Trace = Pick<StepProgress, 'trace' | 'traceEvery' | 'told'>;

/** One value more: every second one is dropped whenever too many are kept. */
function traced(known: Trace | null | undefined, value: number | undefined): Trace {
  const { trace, traceEvery, told } = known ?? { trace: [], traceEvery: 1, told: 0 };
  if (value === undefined) return { trace, traceEvery, told };
  const next = told % traceEvery === 0 ? [...trace, value] : trace;
  if (next.length <= TRACE_KEPT) return { trace: next, traceEvery, told: told + 1 };
  return { trace: next.filter((_, at) => at % 2 === 0), traceEvery: traceEvery * 2, told: told + 1 };
}

/** What is left of a running step at its pace since its progress was first told, ms; null before there is a pace. */
export function remainingMs({ progress, startedAtMs }: StepState, nowMs: number): number | null {
  if (!progress || startedAtMs === null) return null;
  const { done, total, first, atMs } = progress;
  if (done >= total || done <= first.done || atMs - first.atMs < 500) return null;
  const eachMs = (atMs - first.atMs) / (done - first.done);
  return Math.max(0, eachMs * (total - done) - (nowMs - atMs));
}

const NEW_STEP: StepState = {
  id: '',
  uses: '',
  point: {},
  dependsOn: [],
  attempt: null,
  fingerprint: null,
  reasons: [],
  status: 'planned',
  startedAtMs: null,
  durationMs: null,
  progress: null,
  metrics: [],
  notes: [],
  failure: null,
};

/** The map is changed in place and wrapped anew: copying it for each of 100,000 events would be quadratic. */
function withStep(state: RunState, id: string, change: Partial<StepState>): RunState {
  const steps = state.steps as Map<string, StepState>;
  const fresh = steps === EMPTY_RUN.steps ? new Map<string, StepState>() : steps;
  fresh.set(id, { ...(fresh.get(id) ?? { ...NEW_STEP, id }), ...change });
  return { ...state, steps: fresh };
}

function counted(state: RunState, what: keyof StepCounts): RunState {
  return { ...state, counts: { ...state.counts, [what]: state.counts[what] + 1 } };
}

import type { RunStatus, StepCounts } from '../core/events.ts';
import { type Failure, toFailure } from '../core/failure.ts';
import type { Step } from '../core/plan.ts';
import type { Grant } from '../core/resources.ts';
import { type Assessment, type AssessmentContext, assessStep, createSourceDigests } from './assess-step.ts';
import { demandOf } from './check-demands.ts';
import { rankByCriticalPath } from './critical-path.ts';
import { executeMapped, isMapped } from './execute-mapped.ts';
import { type Ending, type Execution, executeStep } from './execute-step.ts';
import { inputBytes } from './fingerprint.ts';
import { createMaker, type Retry } from './make-artifact.ts';
import { judgeMissing } from './missing-inputs.ts';
import { createReadyQueue } from './ready-queue.ts';
import type { RunOptions } from './run-options.ts';
import type { StoredObject } from './run-store.ts';

export interface RunSummary {
  readonly status: RunStatus;
  readonly steps: StepCounts;
  /** Artifact of every step that has one. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly failures: ReadonlyMap<string, Failure>;
}

type Outcome = { readonly object: StoredObject } | { readonly missing: string };

/**
 * The run loop. Every step settles once: its inputs settle, then
 *
 *   cancelled or an input missing ─▶ skipped; points missing that it collects ─▶ failed
 *   fingerprint → artifact there  ─▶ reused
 *   else ready queue (critical path first, within what the machine has)
 *        → lease → attempt → publish ─▶ finished | failed
 *
 * Steps are walked in the plan's order, so that everything cached is settled without a process, a
 * queue or a timer.
 */
export async function runPipeline(options: RunOptions): Promise<RunSummary> {
  const { plan, catalogue, store, run, executor, emit, signal } = options;
  const queue = createReadyQueue(options.capacity, executor.slots);
  const make = createMaker({ store, signal, stopping, backoffMs: options.backoffMs });
  const objects = new Map<string, StoredObject>();
  const failures = new Map<string, Failure>();
  const gaps = new Map<string, string>(); // steps that will have no artifact, and why
  const counts = { total: plan.steps.length, executed: 0, reused: 0, failed: 0, skipped: 0 };
  const outcomes = new Map<string, Promise<Outcome>>();
  let ranks: ReadonlyMap<string, number> | null = null;
  const assessment: AssessmentContext = {
    pipeline: plan.name,
    engine: options.engine,
    store,
    forced: options.forced,
    sources: createSourceDigests(store),
    entryOf: (stage) => catalogue.stages[stage],
    outputsOf: (stepId) => objects.get(stepId)?.outputs ?? null,
  };

  for (const step of plan.steps) {
    emit({
      event: 'step-planned',
      stepId: step.id,
      uses: step.uses,
      point: step.point,
      dependsOn: step.dependsOn,
    });
  }
  for (const step of plan.steps) outcomes.set(step.id, settle(step));
  await Promise.all(outcomes.values());
  return { status: statusOf(signal, failures), steps: counts, objects, failures };

  async function settle(step: Step): Promise<Outcome> {
    for (const id of step.dependsOn) await outcomes.get(id);
    const missing = judgeMissing(step, gaps);
    if (missing?.kind === 'input') return skip(step, missing.because);
    if (missing?.kind === 'points') {
      if (stopping() !== null) return skip(step, missing.message);
      const failure: Failure = {
        reason: 'missing-points',
        message: `${missing.message}\nnothing is averaged over fewer; with 'missing: allow' it goes on without them`,
      };
      return failed(step, { ...NO_ATTEMPT, failure });
    }
    try {
      return await makeOrReuse(step);
    } catch (thrown) {
      return failed(step, { ...NO_ATTEMPT, failure: toFailure(thrown) });
    }
  }

  /** Why nothing new is to be started, if so. */
  function stopping(): string | null {
    if (signal.aborted) return 'the run was interrupted';
    if (failures.size > 0 && !options.keepGoing) return `${[...failures.keys()][0]} failed`;
    return null;
  }

  async function makeOrReuse(step: Step): Promise<Outcome> {
    const making = await make({
      policy: step.policy,
      assess: (look) => assessStep(step, look === 'first' ? assessment : { ...assessment, forced: NOTHING }),
      execute: (assessed) => execute(step, assessed),
      retrying: (retry) => tellRetry(step, retry),
    });
    switch (making.status) {
      case 'there':
        return reuse(step, making.object);
      case 'not-started':
        return skip(step, making.because);
      case 'made':
        return finished(step, making.assessed, making);
      case 'failed':
        return failed(step, making);
    }
  }

  function execute(step: Step, assessed: Assessment): Promise<Execution> {
    const inputFolder = (id: string) => objects.get(id)?.folder ?? null;
    const { sources } = assessment;
    const request = { step, name: step.id, item: null, assessed, options, inputFolder, sources };
    if (!isMapped(step, catalogue)) return queueUp(step, (grant) => executeStep(request, grant));
    return executeMapped({ ...request, assessment, make, queueUp: (work) => queueUp(step, work) });
  }

  /** Ranks are found when the first step is to be executed: a run in which nothing is needs none. */
  async function queueUp(step: Step, work: (grant: Grant) => Promise<Ending>): Promise<Execution> {
    ranks ??= rankByCriticalPath(plan.steps, (uses) =>
      store.durations(catalogue.stages[uses].declaration.name),
    );
    const { outputsOf } = assessment;
    const reads = step.policy.demand.memoryPerInput
      ? inputBytes({ step, entry: catalogue.stages[step.uses], outputsOf })
      : 0;
    const demand = demandOf(step, catalogue, options.engine, reads);
    const ending = await queue.add(
      async (grant): Promise<Ending> => {
        const because = stopping();
        return because === null ? work(grant) : async () => ({ status: 'not-started', because });
      },
      { demand, priority: ranks.get(step.id)! },
    );
    return ending();
  }

  function tellRetry(step: Step, { failed, number, of, afterMs }: Retry): void {
    const { attempt, failure, logTail } = failed;
    const { reason, message } = failure;
    emit({
      event: 'step-retried',
      stepId: step.id,
      attempt,
      reason,
      message,
      logTail,
      retry: number,
      retries: of,
      afterMs,
    });
  }

  function reuse(step: Step, object: StoredObject): Outcome {
    counts.reused++;
    objects.set(step.id, object);
    run.settled({ ...VERDICT, step, verdict: 'reused', fingerprint: object.fingerprint });
    emit({
      event: 'step-reused',
      stepId: step.id,
      fingerprint: object.fingerprint,
      metrics: object.metrics,
    });
    return { object };
  }

  function finished(step: Step, assessed: Assessment, made: Extract<Execution, { status: 'made' }>): Outcome {
    const { object, attempt, durationMs } = made;
    const { fingerprint, record } = object;
    counts.executed++;
    objects.set(step.id, object);
    run.settled({
      ...VERDICT,
      step,
      verdict: 'executed',
      fingerprint,
      attempt,
      reasons: assessed.reasons,
      durationMs,
    });
    const { metrics, notes } = record;
    const items = made.items ? { items: made.items } : {};
    emit({
      event: 'step-finished',
      stepId: step.id,
      attempt,
      fingerprint,
      durationMs,
      metrics,
      notes,
      ...items,
    });
    return { object };
  }

  function failed(step: Step, why: Omit<Extract<Execution, { status: 'failed' }>, 'status'>): Outcome {
    const { failure, attempt, fingerprint, durationMs, logTail } = why;
    if (failure.reason === 'cancelled' && signal.aborted) return skip(step, 'the run was interrupted');
    counts.failed++;
    failures.set(step.id, failure);
    gaps.set(step.id, 'failed');
    run.settled({ ...VERDICT, step, verdict: 'failed', fingerprint, attempt, failure, durationMs });
    emit({
      event: 'step-failed',
      stepId: step.id,
      attempt,
      reason: failure.reason,
      message: failure.message,
      logTail,
    });
    return { missing: step.id };
  }

  function skip(step: Step, because: string): Outcome {
    counts.skipped++;
    gaps.set(step.id, 'was skipped');
    run.settled({ ...VERDICT, step, verdict: 'skipped' });
    emit({ event: 'step-skipped', stepId: step.id, because });
    return { missing: step.id };
  }
}

const NO_ATTEMPT = { attempt: null, fingerprint: null, logTail: [], durationMs: 0 } as const;
const NOTHING: ReadonlySet<string> = new Set();
const VERDICT = { fingerprint: null, attempt: null, reasons: [], failure: null, durationMs: 0 } as const;

function statusOf(signal: AbortSignal, failures: ReadonlyMap<string, Failure>): RunStatus {
  if (failures.size > 0) return 'failed';
  return signal.aborted ? 'interrupted' : 'succeeded';
}

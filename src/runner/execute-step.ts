import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDigests, Job, JobOutcome } from '../core/artifact.ts';
import type { Failure } from '../core/failure.ts';
import { byCodeUnit, canonicalJson } from '../core/json.ts';
import type { Point, Step } from '../core/plan.ts';
import type { Grant } from '../core/resources.ts';
import type { Assessment, SourceDigests } from './assess-step.ts';
import type { Task } from './executor.ts';
import type { RunOptions } from './run-options.ts';
import type { Lease, StoredObject } from './run-store.ts';

export type Execution =
  | {
      readonly status: 'made';
      readonly object: StoredObject;
      readonly attempt: string;
      readonly durationMs: number;
    }
  | {
      readonly status: 'failed';
      readonly failure: Failure;
      readonly attempt: string | null;
      readonly fingerprint: string | null;
      readonly logTail: readonly string[];
      readonly durationMs: number;
    }
  /** Another process is at this artifact, or has just made it. */
  | { readonly status: 'held' }
  | { readonly status: 'not-started'; readonly because: string };

export interface ExecutionRequest {
  readonly step: Step;
  readonly assessed: Assessment;
  readonly options: RunOptions;
  readonly grant: Grant;
  /** null for a point that a collecting step does without. */
  readonly inputFolder: (stepId: string) => string | null;
  readonly sources: SourceDigests;
}

/** Lease → attempt → worker → publish. The lease is given back on every way out. */
export async function executeStep(request: ExecutionRequest): Promise<Execution> {
  const { options, assessed, step } = request;
  const claim = await options.store.claim(assessed.fingerprint, options.run.id);
  if (!('lease' in claim)) return { status: 'held' };
  try {
    // Between the look and the lease another process may have published it.
    const found = options.store.findObject(assessed.fingerprint);
    if (found.status === 'sound' && !options.forced.has(step.id)) return { status: 'held' };
    return await attempt(request, claim.lease);
  } finally {
    claim.lease.release();
  }
}

async function attempt(request: ExecutionRequest, lease: Lease): Promise<Execution> {
  const { step, assessed, options, sources } = request;
  const { store, run, emit } = options;
  const { fingerprint } = assessed;
  const checkpoint = store.newestCheckpoint(fingerprint);
  const attempt = store.createAttempt({ runId: run.id, stepId: step.id, fingerprint });
  const startedMs = performance.now();
  const job = createJob(request, { ...attempt, checkpoint, leaseEpoch: lease.epoch });
  const task: Task = { attempt: attempt.id, job, jobFile: join(attempt.folder, 'job.json') };
  await writeFile(task.jobFile, JSON.stringify(job));
  emit({
    event: 'step-started',
    stepId: step.id,
    attempt: attempt.id,
    fingerprint,
    reasons: assessed.reasons,
    threads: job.threads,
    resumedFrom: checkpoint?.attempt ?? null,
  });

  const outcome = await watch(task, lease, request);
  const ended = { attempt: attempt.id, durationMs: Math.round(performance.now() - startedMs) };
  if (outcome.status === 'failed') return failed(outcome.failure);
  const changed = changedSource(assessed.fields.sources, await sources.again(step));
  if (changed !== null) {
    return failed({
      reason: 'source-changed',
      message: `${changed} changed while ${step.id} read it; nothing was published: run again`,
    });
  }
  const publication = await store.publish(attempt, lease);
  if (!publication.ok) return failed(publication.failure);
  return { status: 'made', object: publication.object, ...ended };

  function failed(failure: Failure): Execution {
    const logTail = store.logTail(attempt);
    store.abandon(attempt, failure);
    return { status: 'failed', failure, fingerprint, logTail, ...ended };
  }
}

function createJob(
  { step, assessed, options, grant, inputFolder }: ExecutionRequest,
  attempt: Pick<Job, 'folder' | 'checkpoint' | 'leaseEpoch'> & { readonly id: string },
): Job {
  const entry = options.catalogue.stages[step.uses];
  const inputs: { [name: string]: Job['inputs'][string] } = {};
  const missing: { input: string; point: Point }[] = [];
  for (const [name, input] of Object.entries(step.inputs)) {
    if (input.kind === 'one') {
      inputs[name] = inputFolder(input.step)!;
      continue;
    }
    inputs[name] = input.members.flatMap(({ step: from, point }) => {
      const folder = inputFolder(from);
      if (folder === null) missing.push({ input: name, point });
      return folder === null ? [] : [{ point, folder }];
    });
  }
  return {
    protocol: 1,
    attempt: attempt.id,
    runId: options.run.id,
    stepId: step.id,
    fingerprint: assessed.fingerprint,
    fields: assessed.fields,
    leaseEpoch: attempt.leaseEpoch,
    module: join(options.moduleFolder, entry.module),
    codeModules: entry.modules,
    params: step.params,
    seed: step.seed,
    engine: entry.declaration.engine ? options.engine.name : null,
    threads: grant.threads,
    gpus: grant.gpus,
    inputs,
    missing,
    sources: Object.fromEntries(step.sources.map(({ parameter, path }) => [parameter, path])),
    checkpoint: attempt.checkpoint,
    folder: attempt.folder,
  };
}

/** Submits a task and follows it to its end; cancellation is asked for once, and its end awaited. */
async function watch(task: Task, lease: Lease, { step, options }: ExecutionRequest): Promise<JobOutcome> {
  const { executor, emit, signal } = options;
  const token = randomUUID();
  const { timeoutMs } = step.policy;
  const cancel = () => void executor.cancel(token);
  const clock = { timer: null as NodeJS.Timeout | null, timedOut: false };
  await executor.submit([task], token);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    let shown = '';
    let leased: number | null = null;
    for (;;) {
      const changed = executor.changed(token); // asked for before the look, so that nothing falls between
      const observed = await executor.poll(token);
      const mine = observed === 'unknown' ? undefined : observed.find((one) => one.attempt === task.attempt);
      if (observed !== 'unknown' && (!mine || mine.state === 'ended' || mine.state === 'gone')) break;
      if (mine?.state === 'running' && timeoutMs !== null && clock.timer === null) {
        clock.timer = setTimeout(() => {
          clock.timedOut = true;
          cancel();
        }, timeoutMs);
      }
      const pid = executor.workerPid(task.attempt);
      if (pid !== null && pid !== leased) {
        lease.setWorker(pid);
        leased = pid;
      }
      const progress = mine?.progress;
      if (progress && canonicalJson({ ...progress }) !== shown) {
        shown = canonicalJson({ ...progress });
        emit({ event: 'step-progressed', stepId: step.id, ...progress });
      }
      await changed;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    if (clock.timer !== null) clearTimeout(clock.timer);
  }
  const result = await executor.collect(task);
  if (result?.status === 'succeeded') return result;
  if (signal.aborted) return { status: 'failed', failure: { reason: 'cancelled', message: 'cancelled' } };
  if (clock.timedOut) {
    const message = `it took longer than its timeout of ${timeoutMs! / 1000} s and was ended; what it saved is kept`;
    return { status: 'failed', failure: { reason: 'timed-out', message } };
  }
  return (
    result ?? {
      status: 'failed',
      failure: { reason: 'worker-died', message: 'the worker ended without leaving a result' },
    }
  );
}

/** Name of the first file that is not what it was when the step was planned; null where all are. */
function changedSource(
  before: { readonly [parameter: string]: FileDigests },
  after: { readonly [parameter: string]: FileDigests },
): string | null {
  for (const parameter of Object.keys(before)) {
    const paths = [...new Set([...Object.keys(before[parameter]), ...Object.keys(after[parameter])])].sort(
      byCodeUnit,
    );
    const changed = paths.find((path) => before[parameter][path] !== after[parameter][path]);
    if (changed !== undefined) return changed || parameter;
  }
  return null;
}

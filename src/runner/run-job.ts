import { randomUUID } from 'node:crypto';
import { closeSync, constants, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FileDigests, Item, Job, JobOutcome, JobPart } from '../core/artifact.ts';
import type { CatalogueEntry } from '../core/declaration.ts';
import { failpoint } from '../core/failpoint.ts';
import type { Failure } from '../core/failure.ts';
import { byCodeUnit, canonicalJson } from '../core/json.ts';
import { isOwnStage } from '../core/own-stage.ts';
import type { Point, Step } from '../core/plan.ts';
import type { Grant } from '../core/resources.ts';
import type { Assessment, SourceDigests } from './assess-step.ts';
import { folderOfSource } from './digest-scripts.ts';
import type { Task } from './executor.ts';
import type { RunOptions } from './run-options.ts';
import type { Lease, RunStore } from './run-store.ts';

/** What is to be executed: a step, or one item of it. */
export interface JobSubject {
  readonly step: Step;
  /** The step's id; of an item, with its key: `coregister/s12ab34cd`. */
  readonly name: string;
  /** null for all of the step. */
  readonly item: Item | null;
  readonly assessed: Pick<Assessment, 'fields' | 'fingerprint'>;
  readonly options: Pick<RunOptions, 'catalogue' | 'moduleFolder' | 'executor' | 'emit' | 'signal'> & {
    readonly run: { readonly id: string };
  };
  /** null for a point that a collecting step does without. */
  readonly inputFolder: (stepId: string) => string | null;
}

/** As part of a run: what comes of it is to be published. */
export interface AttemptRequest extends JobSubject {
  readonly assessed: Assessment;
  readonly options: RunOptions;
  readonly sources: SourceDigests;
}

export type StartedAttempt = ReturnType<typeof startAttempt>;

export interface JobRequest {
  readonly attempt: Pick<StartedAttempt, 'id' | 'folder' | 'checkpoint'>;
  readonly lease: Pick<Lease, 'epoch' | 'setWorker'>;
  readonly part: JobPart;
  readonly grant: Grant;
  /** Who tells whether an input is what it should be, then and meanwhile; null where that is seen to elsewhere. */
  readonly inputs: Pick<RunStore, 'markInputs' | 'changedInput'> | null;
}

/** Makes an attempt, and says so; of items, steps speak. */
export function startAttempt({ step, name, item, assessed, options }: AttemptRequest, threads: number) {
  const { store, run, emit } = options;
  const { fingerprint } = assessed;
  const checkpoint = store.newestCheckpoint(fingerprint);
  const attempt = store.createAttempt({ runId: run.id, stepId: name, fingerprint });
  const startedAt = new Date().toISOString();
  const startedMs = performance.now();
  if (!item)
    emit({
      event: 'step-started',
      stepId: step.id,
      attempt: attempt.id,
      fingerprint,
      reasons: assessed.reasons,
      threads,
      resumedFrom: checkpoint?.attempt ?? null,
    });
  const durationMs = () => Math.round(performance.now() - startedMs);
  return {
    ...attempt,
    checkpoint,
    startedAt,
    durationMs,
    /** Ends it without an artifact. */
    failed(failure: Failure) {
      const told = new Set(failure.message.split('\n')); // the log has the message too, and what a command printed last
      const logTail = store
        .logTail(attempt)
        .filter((logged) => !logged.split('\n').every((line) => told.has(line)));
      store.abandon(attempt, failure);
      return {
        status: 'failed' as const,
        failure,
        fingerprint,
        attempt: attempt.id,
        logTail,
        durationMs: durationMs(),
      };
    },
  };
}

/** Writes the job of an attempt, or of a part of it, and has it executed. */
export async function runJob(request: JobSubject, of: JobRequest): Promise<JobOutcome> {
  const { attempt, lease, inputs } = of;
  const unmarked = createJob(request, of);
  const marked = inputs?.markInputs(unmarked) ?? { ok: true, marks: {} };
  if (!marked.ok) return { status: 'failed', failure: marked.failure };
  const job = { ...unmarked, marks: marked.marks };
  const task: Task = { attempt: attempt.id, job, jobFile: join(attempt.folder, 'job.json') };
  writeJob(task.jobFile, JSON.stringify(job));
  failpoint('job-written');
  const outcome = await watch(task, lease, request);
  if (outcome.status !== 'failed' || outcome.failure.reason === 'cancelled') return outcome;
  const failure = inputs?.changedInput(job) ?? outcome.failure; // a stage that was disturbed tells of it in any words
  return { status: 'failed', failure };
}

/** In the place of the job that a folder had which served before; see `overwriteFile` on why it is not emptied first. */
function writeJob(path: string, text: string): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o644);
  try {
    writeFileSync(descriptor, text);
    ftruncateSync(descriptor, Buffer.byteLength(text));
  } finally {
    closeSync(descriptor);
  }
}

function createJob(
  { step, name, assessed, options, inputFolder }: JobSubject,
  { attempt, lease, part, grant }: JobRequest,
): Omit<Job, 'marks'> {
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
    part,
    attempt: attempt.id,
    runId: options.run.id,
    stepId: name,
    fingerprint: assessed.fingerprint,
    fields: assessed.fields,
    leaseEpoch: lease.epoch,
    module: resolve(options.moduleFolder, entry.module),
    bundle: entry.bundle,
    worker: options.catalogue.worker,
    codeModules: entry.modules,
    ...(isOwnStage(step.uses) ? { outputs: outputsOf(entry) } : {}),
    params: step.params,
    seed: assessed.fields.seed,
    threads: grant.threads,
    gpus: grant.gpus,
    inputs,
    missing,
    sources: Object.fromEntries(step.sources.map((source) => [source.parameter, folderOfSource(source)])),
    checkpoint: part.kind === 'items' || part.kind === 'join' ? null : attempt.checkpoint,
    folder: attempt.folder,
  };
}

function outputsOf({ declaration }: CatalogueEntry): string[] {
  return declaration.outputs.flatMap(({ path, optional }) => (optional || path === '*' ? [] : [path]));
}

/** Submits a task and follows it to its end; cancellation is asked for once, and its end awaited. */
async function watch(
  task: Task,
  lease: JobRequest['lease'],
  { step, options, item }: JobSubject,
): Promise<JobOutcome> {
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
        if (!item) emit({ event: 'step-progressed', stepId: step.id, ...progress });
      }
      await changed;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    if (clock.timer !== null) clearTimeout(clock.timer);
  }
  const result = await executor.collect(task);
  failpoint('job-ended');
  if (result !== null && result.status !== 'failed') return result;
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
export function changedSource(
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

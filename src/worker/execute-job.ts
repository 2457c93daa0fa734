import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ArtifactRecord, type FromWorker, ITEMS_FILE, type Item, type Job } from '../core/artifact.ts';
import { sealRecord } from '../core/artifact-seal.ts';
import { type Digest, digestBytes } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import { type Failure, fail } from '../core/failure.ts';
import { isOwnStage } from '../core/own-stage.ts';
import type { MappedStage, StageContext, StageRun } from '../core/stage.ts';
import { createAttemptLog } from './attempt-log.ts';
import { createCheckpoints } from './checkpoints.ts';
import { createContext } from './create-context.ts';
import { digestOutputs } from './digest-outputs.ts';
import type { EngineKeeper } from './engine-keeper.ts';
import { checkOutputs, stageFailure } from './own-stage.ts';
import { createSourceReaders } from './source-readers.ts';
import { writeWhole } from './write-whole.ts';

declare const CLADE_VERSION: string;
/** Digest of this worker's own code, as the build saw it. */
declare const CLADE_WORKER: string;

export interface JobRequest {
  readonly job: Job;
  readonly engines: EngineKeeper;
  readonly say: (message: FromWorker) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs one stage in its attempt's folder. Success is `work/artifact.json`, the last file written;
 * a failure is `failure.json` beside it, and is returned.
 */
export async function executeJob({ job, engines, say, signal }: JobRequest): Promise<Failure | null> {
  const startedAt = job.part.kind === 'join' ? new Date(job.part.startedAt) : new Date();
  const work = join(job.folder, 'work');
  const log = createAttemptLog(job.folder, (progress) =>
    say({ type: 'progress', attempt: job.attempt, progress }),
  );
  try {
    erase(work);
    failpoint('worker-before-stage');
    const sources = createSourceReaders(job);
    const checkpoint = createCheckpoints(job);
    const { context, notes, nameRows } = createContext({
      job,
      work,
      engines,
      sources,
      checkpoint,
      log,
      signal,
    });
    const stage = await loadStage(job);
    const { part } = job;
    if (part.kind === 'items') {
      const items = await mappedOf(stage, job).items(context);
      writeWhole(join(job.folder, ITEMS_FILE), `${JSON.stringify(checkItems(items, job))}\n`);
      failpoint('worker-items-written');
      return null;
    }
    const result = (await runPart(stage, context, job)) ?? {};
    signal.throwIfAborted();
    if (nameRows.length > 0) {
      writeWhole(join(job.folder, 'names.csv'), namesCsv(nameRows), 0o600);
      failpoint('worker-names-written');
    }
    failpoint('worker-before-result');
    const metrics = result.metrics ?? [];
    for (const metric of metrics) {
      if (!Number.isFinite(metric.value))
        fail('bad-input', `metric ${metric.name} of ${metric.split ?? 'all'} is not a number`);
    }
    const outputs = digestOutputs(work);
    checkOutputs(job, outputs);
    const record = sealRecord({
      fingerprint: job.fingerprint,
      fields: job.fields,
      stepId: job.stepId,
      outputs,
      metrics,
      notes,
      ...(part.kind === 'join'
        ? { items: part.items.map(({ key, fingerprint }) => ({ key, fingerprint })) }
        : {}),
      sourcesRead: sources.read(),
      codeModules: job.codeModules,
      attempt: job.attempt,
      leaseEpoch: job.leaseEpoch,
      versions: { clade: CLADE_VERSION, node: process.version },
      machine: describeMachine(),
      startedAt: startedAt.toISOString(),
      durationMs: Math.max(0, Date.now() - startedAt.getTime()), // a clock may jump back
      resumedFrom: job.checkpoint?.attempt ?? null,
    });
    failpoint('worker-outputs-digested');
    writeWhole(join(work, 'artifact.json'), `${JSON.stringify(record, null, 1)}\n`);
    failpoint('worker-after-result');
    return null;
  } catch (thrown) {
    const failure: Failure = isOfEarlierBuild(thrown)
      ? { reason: 'code-changed', message: tellChange(job.stepId) }
      : stageFailure(thrown, job);
    log.line('error', failure.message);
    failpoint('worker-before-failure');
    try {
      writeWhole(join(job.folder, 'failure.json'), `${JSON.stringify(failure)}\n`);
    } catch {
      // a full disk: the channel, or the missing result, tells
    }
    failpoint('worker-after-failure');
    return failure;
  } finally {
    await log.close();
  }
}

interface StageModule {
  readonly default: StageRun;
  readonly mapped?: MappedStage;
}

/** Modules that were imported: what is in memory stays what it was, whatever becomes of the file. */
const imported = new Set<string>();

/**
 * The stage that the run was planned with, and no other: a run may go on for days, and clade be built anew or
 * upgraded beside it. @throws ExpectedFailure code-changed
 */
async function loadStage({ module, bundle, worker, fields, stepId }: Job): Promise<StageModule> {
  const isKnown = imported.has(module) || lookAt(module) === bundle;
  if (worker !== CLADE_WORKER || !isKnown) fail('code-changed', tellChange(stepId));
  imported.add(module);
  // A bundle of the user's modules: its failures name lines of theirs.
  if (isOwnStage(fields.stage)) process.setSourceMapsEnabled(true);
  const stage = (await import(pathToFileURL(module).href)) as StageModule;
  if (typeof stage.default !== 'function')
    throw new Error(`the default export of ${fields.stage} is a ${typeof stage.default}, not a function`);
  return stage;
}

function tellChange(stepId: string): string {
  return `clade was built anew or upgraded since the run began, and ${stepId} would be computed by other code: run again, or install clade anew where that says the same`;
}

/** A build removes the modules of the one before, some of which are imported when they are needed first. */
function isOfEarlierBuild(thrown: unknown): boolean {
  const { code, message } = thrown as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && /[\\/]dist[\\/]chunks[\\/]/.test(message);
}

function lookAt(file: string): Digest | null {
  try {
    return digestBytes(readFileSync(file));
  } catch {
    return null; // a build is on
  }
}

function runPart(stage: StageModule, context: StageContext, job: Job): ReturnType<StageRun> {
  const { part } = job;
  if (part.kind === 'item') return mappedOf(stage, job).runItem(context, part.item);
  if (part.kind === 'join') return mappedOf(stage, job).join(context, part.items);
  return stage.default(context);
}

function mappedOf({ mapped }: StageModule, { fields }: Job): MappedStage {
  if (!mapped) throw new Error(`${fields.stage} is declared with 'each', and its module exports no 'mapped'`);
  return mapped;
}

/** @throws a bug of the stage: items that cannot be told apart, or that name no file. */
function checkItems(items: readonly Item[], { fields }: Job): readonly Item[] {
  const keys = new Set(items.map(({ key }) => key));
  if (keys.size < items.length || items.some(({ key }) => key === '' || key.includes('/')))
    throw new Error(`${fields.stage}: each item needs a key of its own, without '/'`);
  return items;
}

/** The old proof of validity goes before anything else. */
function erase(work: string): void {
  mkdirSync(work, { recursive: true });
  const names = readdirSync(work);
  if (names.includes('artifact.json')) rmSync(join(work, 'artifact.json'));
  for (const name of names) rmSync(join(work, name), { recursive: true, force: true });
}

let machine: ArtifactRecord['machine'] | null = null;

/** Asked once: the list of processors takes longer than a small stage. */
function describeMachine(): ArtifactRecord['machine'] {
  machine ??= {
    host: hostname(),
    platform: process.platform,
    arch: process.arch,
    cpu: cpus()[0]?.model ?? 'unknown',
  };
  return machine;
}

function namesCsv(rows: readonly { readonly id: string; readonly source: string }[]): string {
  const field = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `id,source\n${rows.map(({ id, source }) => `${field(id)},${field(source)}\n`).join('')}`;
}

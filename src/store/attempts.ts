import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LogLine } from '../core/artifact.ts';
import {
  CHECKPOINT_MANIFEST,
  checkpointNumber,
  decodeCheckpointManifest,
  matchesManifest,
} from '../core/checkpoint-format.ts';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import type { Failure } from '../core/failure.ts';
import { errorCode, listNames, overwriteFile, readTextIfThere, removeTree } from './files.ts';
import { changedInput, readJob } from './input-marks.ts';
import {
  ARTIFACT_FILE,
  attemptId,
  attemptsFolder,
  endedAttemptLog,
  isAttemptOf,
  JOB_FILE,
} from './layout.ts';
import { recordIfPossible } from './lineage-index.ts';
import { stampOf } from './stamp.ts';
import { nowIso, type StoreContext } from './store-context.ts';

export interface Attempt {
  readonly id: string;
  /** Absolute: `work/` in it becomes the object, `checkpoint/`, made by who saves one, holds what survives a kill. */
  readonly folder: string;
}

export function createAttempt(
  context: StoreContext,
  {
    runId,
    stepId,
    fingerprint,
  }: { readonly runId: string; readonly stepId: string; readonly fingerprint: Digest },
): Attempt {
  for (let number = 1; ; number++) {
    const id = attemptId(runId, number, fingerprint);
    const folder = join(attemptsFolder(context.folder), id);
    if (!makeAttemptFolder(context, folder)) continue;
    failpoint('attempt-folder-made');
    mkdirSync(join(folder, 'work'));
    recordIfPossible(() =>
      context.index.run(
        `INSERT OR REPLACE INTO attempts (id, run_id, step_id, fingerprint, started_at, outcome)
         VALUES (?, ?, ?, ?, ?, 'running')`,
        id,
        runId,
        stepId,
        fingerprint,
        nowIso(context),
      ),
    );
    failpoint('attempt-recorded');
    return { id, folder };
  }
}

/** False where there is one of that name. */
function makeAttemptFolder({ trash }: StoreContext, folder: string): boolean {
  if (stampOf(folder) !== null) return false;
  if (trash.reuse('attempt', folder)) return true;
  try {
    mkdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (errorCode(error) !== 'ENOENT') throw error;
    mkdirSync(folder, { recursive: true });
  }
  return true;
}

export type AttemptOutcome = 'published' | 'failed' | 'interrupted';

export function recordAttemptEnd(
  context: StoreContext,
  id: string,
  { outcome, failure }: { readonly outcome: AttemptOutcome; readonly failure: Failure | null },
): void {
  recordIfPossible(() =>
    context.index.run(
      'UPDATE attempts SET outcome = ?, failure = ?, ended_at = ? WHERE id = ?',
      outcome,
      failure?.reason ?? null,
      nowIso(context),
      id,
    ),
  );
}

/**
 * An attempt that left no artifact: its log goes to the run, its checkpoint stays for the next attempt
 * of the fingerprint, unless an input changed under it; all else goes.
 */
export function abandonAttempt(
  context: StoreContext,
  attempt: Attempt,
  ended: { readonly outcome: 'failed' | 'interrupted'; readonly failure: Failure | null },
): void {
  recordAttemptEnd(context, attempt.id, ended);
  failpoint('abandon-recorded');
  keepLog(context, attempt);
  failpoint('abandon-log-kept');
  const checkpoints = listNames(join(attempt.folder, 'checkpoint')).some(
    (name) => checkpointNumber(name) !== null,
  );
  const job = checkpoints ? readJob(attempt) : null;
  const kept = checkpoints && !(job && changedInput(context, job)) ? 'checkpoint' : null;
  for (const name of listNames(attempt.folder)) if (name !== kept) removeTree(join(attempt.folder, name));
  if (kept === null) removeTree(attempt.folder);
}

/** After publication: the log goes to the run, everything that any attempt of the fingerprint left goes. */
export function removeAttempts(context: StoreContext, fingerprint: Digest): void {
  for (const attempt of attemptsOf(context, fingerprint)) {
    keepLog(context, attempt);
    failpoint('clean-log-kept');
    discard(context, attempt);
  }
}

/** Where it cannot be moved away, as Windows refuses while a file in it is open, it is removed where it is. */
function discard({ trash }: StoreContext, { folder }: Attempt): void {
  try {
    const serves = listNames(folder).join() === JOB_FILE;
    if (serves) overwriteFile(join(folder, JOB_FILE), '-'); // nobody takes it for the next attempt's
    trash.take(folder, serves ? 'attempt' : null);
  } catch {
    removeTree(folder);
  }
}

export function listAttempts(context: Pick<StoreContext, 'folder'>): Attempt[] {
  const place = attemptsFolder(context.folder);
  return listNames(place)
    .sort()
    .map((id) => ({ id, folder: join(place, id) }));
}

export function attemptsOf(context: Pick<StoreContext, 'folder'>, fingerprint: Digest): Attempt[] {
  return listAttempts(context).filter(({ id }) => isAttemptOf(id, fingerprint));
}

/** Is there a result to publish? Told by the last file that a worker writes. */
export function isFinished(attempt: Attempt): boolean {
  return existsSync(join(attempt.folder, 'work', ARTIFACT_FILE));
}

/** The newest sound checkpoint that an attempt of this fingerprint left; a damaged one is passed over. */
export function newestCheckpoint(
  context: Pick<StoreContext, 'folder'>,
  fingerprint: Digest,
): { readonly folder: string; readonly attempt: string } | null {
  const candidates = attemptsOf(context, fingerprint).flatMap(({ id, folder }) =>
    listNames(join(folder, 'checkpoint')).flatMap((name) => {
      const number = checkpointNumber(name);
      return number === null ? [] : [{ number, attempt: id, folder: join(folder, 'checkpoint', name) }];
    }),
  );
  candidates.sort((a, b) => b.number - a.number || (a.attempt < b.attempt ? 1 : -1));
  const newest = candidates.find((candidate) => isSoundCheckpoint(candidate.folder, fingerprint));
  return newest ? { folder: newest.folder, attempt: newest.attempt } : null;
}

/** The last lines that an attempt logged, as a person reads them. */
export function logTail(
  context: Pick<StoreContext, 'folder'>,
  attempt: Pick<Attempt, 'id'>,
  lines = 20,
): string[] {
  const live = join(attemptsFolder(context.folder), attempt.id, 'log.jsonl');
  const text = readTextIfThere(live) ?? readTextIfThere(endedAttemptLog(context.folder, attempt.id)) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-lines)
    .flatMap((line) => {
      try {
        return [(JSON.parse(line) as LogLine).message];
      } catch {
        return []; // cut off by a crash
      }
    });
}

function keepLog(context: StoreContext, { id, folder }: Attempt): void {
  const log = join(folder, 'log.jsonl');
  if ((stampOf(log)?.sizeBytes ?? 0) === 0) return;
  const to = endedAttemptLog(context.folder, id);
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(log, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error; // another process clears away too
  }
}

export function isSoundCheckpoint(folder: string, fingerprint: Digest): boolean {
  const manifest = decodeCheckpointManifest(readTextIfThere(join(folder, CHECKPOINT_MANIFEST)) ?? '');
  if (manifest?.fingerprint !== fingerprint) return false;
  return manifest.files.every((file) => {
    try {
      return matchesManifest(file, readFileSync(join(folder, file.name)));
    } catch {
      return false;
    }
  });
}

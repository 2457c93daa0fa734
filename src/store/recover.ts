import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import type { FailureReason } from '../core/failure.ts';
import { parseArtifactRecord } from './artifact-record.ts';
import {
  type Attempt,
  abandonAttempt,
  attemptsOf,
  isFinished,
  listAttempts,
  removeAttempts,
} from './attempts.ts';
import { listNames, readTextIfThere } from './files.ts';
import { lookIfChanged } from './folder-stamps.ts';
import {
  ARTIFACT_FILE,
  isFingerprint,
  leasesFolder,
  objectsFolder,
  parseAttemptId,
  runsFolder,
} from './layout.ts';
import type { Leases } from './leases.ts';
import { parseColumn, recordIfPossible } from './lineage-index.ts';
import { publishAttempt } from './publish-attempt.ts';
import { indexUnknownObjects, resolveUpstream } from './reindex.ts';
import { reindexRun } from './reindex-run.ts';
import { UNFINISHED_LATEST } from './run-links.ts';
import type { StoreContext } from './store-context.ts';
import { emptyLeftTrash } from './trash.ts';

export interface Recovery {
  /** Fingerprints whose finished work an earlier run could not publish any more. */
  readonly published: readonly string[];
  /** Attempts whose checkpoint waits for the next attempt of the fingerprint. */
  readonly resumable: readonly string[];
  /** Attempts that left nothing of use. */
  readonly removed: number;
  /** Objects that were published and not yet recorded. */
  readonly recorded: number;
  /** What could not be published, and why. */
  readonly refused: readonly { readonly attempt: string; readonly message: string }[];
}

/** Failures that are about the result itself: it will never be published. */
const VERDICTS = new Set<FailureReason>([
  'worker-died',
  'source-changed',
  'input-damaged',
  'not-deterministic',
]);

/**
 * Puts in order what earlier processes left when they died. What a living one holds is not touched; a
 * store that is in order costs a look at the attempts and one stat a folder.
 */
export async function recover(context: StoreContext, leases: Leases, runId: string): Promise<Recovery> {
  const recovery = { published: [] as string[], resumable: [] as string[], removed: 0, recorded: 0 };
  const refused: { attempt: string; message: string }[] = [];
  failpoint('recover-started');
  // Attempts first, then leases: whoever made an attempt had its lease before.
  const attempts = listAttempts(context);
  const held = attempts.length === 0 ? new Set() : leases.heldStarts();
  for (const attempt of attempts) {
    const start = parseAttemptId(attempt.id)?.fingerprintStart;
    if (start !== undefined && held.has(start)) continue;
    if (isFinished(attempt)) {
      const outcome = await publishLeftover(context, leases, { attempt, runId });
      if (outcome === 'held') continue; // it will be seen to there
      if (outcome.ok) {
        recovery.published.push(outcome.object.fingerprint);
        continue;
      }
      refused.push({ attempt: attempt.id, message: outcome.failure.message });
      if (!VERDICTS.has(outcome.failure.reason)) continue; // the disk's refusal says nothing about the work
      rmSync(join(attempt.folder, 'work', ARTIFACT_FILE), { force: true }); // it has been judged
    }
    const kept = endLeftover(context, attempt);
    if (kept) recovery.resumable.push(attempt.id);
    else recovery.removed++;
    failpoint('recover-attempt-ended');
  }
  failpoint('recover-attempts-done');
  emptyLeftTrash(context.folder);
  for (const shard of listNames(objectsFolder(context.folder))) {
    lookIfChanged(context, `objects/${shard}`, () => {
      recordIfPossible(() => {
        recovery.recorded += indexUnknownObjects(context, shard);
      });
    });
  }
  for (const fingerprint of listNames(leasesFolder(context.folder)).filter(isFingerprint))
    clearIdleLease(context, leases, fingerprint, runId);
  recordIfPossible(() => {
    if (recovery.recorded > 0) resolveUpstream(context.index);
    recoverRuns(context);
  });
  return { ...recovery, refused };
}

/**
 * Killed between publication and giving the lease back: nobody would claim what is there already. Nor is anything to be
 * kept of the lease of what was never made, or was collected, where no attempt waits to be gone on from.
 */
function clearIdleLease(context: StoreContext, leases: Leases, fingerprint: Digest, runId: string): void {
  const isPublished = context.index.get(
    `SELECT 1 FROM objects WHERE fingerprint = ? AND state = 'published'`,
    fingerprint,
  );
  if (!isPublished && attemptsOf(context, fingerprint).length > 0) return;
  const claim = leases.claim(fingerprint, runId);
  if ('lease' in claim) claim.lease.releasePublished();
}

/** Publishes the work of an attempt whose runner is gone, under a lease of our own. */
export async function publishLeftover(
  context: StoreContext,
  leases: Leases,
  { attempt, runId }: { readonly attempt: Attempt; readonly runId: string },
) {
  const text = readTextIfThere(join(attempt.folder, 'work', ARTIFACT_FILE));
  if (text === null) return 'held'; // another process has just published it
  const parsed = parseArtifactRecord(text);
  if ('problem' in parsed) {
    const message = `${ARTIFACT_FILE} ${parsed.problem}`;
    return { ok: false, failure: { reason: 'worker-died', message } } as const;
  }
  const claim = leases.claim(parsed.record.fingerprint, runId);
  if ('heldBy' in claim) return 'held';
  if (!isFinished(attempt)) {
    claim.lease.releasePublished();
    return 'held';
  }
  failpoint('recover-before-publish');
  const publication = await publishAttempt(context, attempt, claim.lease);
  if (publication.ok) claim.lease.releasePublished();
  else claim.lease.release();
  return publication;
}

/** True where it is kept for its checkpoint. */
function endLeftover(context: StoreContext, attempt: Attempt): boolean {
  const published = context.index.get<{ fingerprint: string }>(
    `SELECT fingerprint FROM objects WHERE attempt = ? AND state = 'published'`,
    attempt.id,
  );
  if (published) {
    removeAttempts(context, published.fingerprint); // killed between publication and cleaning
    return false;
  }
  abandonAttempt(context, attempt, { outcome: 'interrupted', failure: null });
  return listAttempts(context).some(({ id }) => id === attempt.id);
}

/** Runs that the index does not know, or knows only as running although their last event is written. */
function recoverRuns(context: StoreContext): void {
  const { index, effects } = context;
  lookIfChanged(context, 'runs', () => {
    const known = new Set(index.all<{ id: string }>('SELECT id FROM runs').map(({ id }) => id));
    for (const id of listNames(runsFolder(context.folder)).sort())
      if (!known.has(id)) reindexRun(context, id);
  });
  const dead = index.read(() =>
    index
      .all<{ id: string; process: string }>(`SELECT id, process FROM runs WHERE status = 'running'`)
      .filter(({ process }) => effects.processes.liveness(parseColumn(process)) === 'dead'),
  );
  for (const { id } of dead) {
    if (!reindexRun(context, id)) continue;
    index.run(`UPDATE runs SET status = 'interrupted' WHERE id = ? AND status = 'running'`, id);
  }
  for (const name of listNames(runsFolder(context.folder)).filter((one) =>
    one.startsWith(UNFINISHED_LATEST),
  )) {
    const status = index.get<{ status: string }>(
      'SELECT status FROM runs WHERE id = ?',
      name.slice(UNFINISHED_LATEST.length),
    )?.status;
    if (status !== 'running') rmSync(join(runsFolder(context.folder), name), { force: true });
  }
}

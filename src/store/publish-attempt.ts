import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ArtifactRecord, Job } from '../core/artifact.ts';
import { type Digest, digestBytes } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import { type Failure, fail, toFailure } from '../core/failure.ts';
import { changedSource, differingOutputs, parseArtifactRecord } from './artifact-record.ts';
import { type Attempt, recordAttemptEnd, removeAttempts } from './attempts.ts';
import { errorCode, mapAtOnce, readTextIfThere, syncToDisk } from './files.ts';
import { findObject } from './find-object.ts';
import { indexObject, type Upstream } from './index-object.ts';
import { readJob, refuseChangedInput } from './input-marks.ts';
import {
  ARTIFACT_FILE,
  isFingerprint,
  namesFile,
  namesFolder,
  objectFolder,
  objectsFolder,
  shardOf,
} from './layout.ts';
import type { Lease } from './lease.ts';
import type { ObjectEntry } from './object-entry.ts';
import { quarantineWork } from './quarantine.ts';
import { sealWork } from './seal-work.ts';
import { nowIso, type StoreContext } from './store-context.ts';
import { StoredObject } from './stored-object.ts';

export type Publication =
  | {
      readonly ok: true;
      readonly object: StoredObject;
      /** The same bytes were there already; these are the first ones. */
      readonly duplicate: boolean;
    }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** For `not-deterministic`: the first result, which is kept, and the outputs that differ from it. */
      readonly first?: StoredObject;
      readonly differing?: readonly string[];
    };

/**
 * Makes `work/` of a finished attempt an object: look, make read-only, sync, look inside, rename (the
 * commit), record, clean. Nothing can be seen of it before the rename, and a crash after it loses nothing.
 */
export async function publishAttempt(
  context: StoreContext,
  attempt: Attempt,
  lease: Lease,
): Promise<Publication> {
  try {
    const work = join(attempt.folder, 'work');
    const { record, recordDigest } = readFinishedWork(attempt, lease);
    const job = readJob(attempt);
    refuseChangedInput(context, job);
    failpoint('publish-before-sync');
    const sealed = await sealWork(work, record, context.effects.clock);
    failpoint('publish-after-seal');
    for (;;) {
      if (!lease.isCurrent()) failOutdated(lease);
      const found = findObject(context, record.fingerprint);
      if (found.status === 'sound') return settleDuplicate(context, { attempt, record, first: found.object });
      await keepNames(context, attempt, record);
      failpoint('publish-before-rename');
      if (await commit(context, work, record)) break;
    }
    failpoint('publish-after-rename');
    const folder = objectFolder(context.folder, record.fingerprint);
    const entry: ObjectEntry = {
      outputs: record.outputs,
      metrics: record.metrics,
      recordDigest,
      stamps: sealed.stamps,
      folders: sealed.folders.map((path) => ({ path, stamp: null })), // the rename has just touched it
    };
    const upstream = upstreamOf(job);
    await context.index.recordTogether(() => {
      indexObject(context.index, { record, entry, publishedAt: nowIso(context), upstream });
      recordPublished(context, attempt);
    });
    failpoint('publish-after-record');
    clean(context, record);
    return {
      ok: true,
      object: new StoredObject(record.fingerprint, folder, record, record),
      duplicate: false,
    };
  } catch (error) {
    return { ok: false, failure: toFailure(error) };
  }
}

/** @throws ExpectedFailure worker-died for a result that is not whole, source-changed, cancelled under an outdated lease. */
function readFinishedWork(attempt: Attempt, lease: Lease): { record: ArtifactRecord; recordDigest: Digest } {
  const text = readTextIfThere(join(attempt.folder, 'work', ARTIFACT_FILE));
  if (text === null) fail('worker-died', `attempt ${attempt.id} left no ${ARTIFACT_FILE}`);
  const parsed = parseArtifactRecord(text);
  if ('problem' in parsed) fail('worker-died', `${ARTIFACT_FILE} of attempt ${attempt.id} ${parsed.problem}`);
  const { record } = parsed;
  if (record.fingerprint !== lease.fingerprint) {
    fail(
      'worker-died',
      `attempt ${attempt.id} computed ${record.fingerprint}, but ${lease.fingerprint} is leased`,
    );
  }
  const changed = changedSource(record);
  if (changed !== null) {
    fail(
      'source-changed',
      `${changed} changed while ${record.stepId} read it; nothing was published: run again`,
    );
  }
  return { record, recordDigest: digestBytes(text) };
}

function failOutdated(lease: Lease): never {
  fail(
    'cancelled',
    `the lease of ${lease.fingerprint} (epoch ${lease.epoch}) was taken over: its result is refused`,
  );
}

/** The rename that publishes. False where an object is already there. */
async function commit(
  context: StoreContext,
  work: string,
  { fingerprint }: ArtifactRecord,
): Promise<boolean> {
  const shard = join(objectsFolder(context.folder), shardOf(fingerprint));
  const made = mkdirSync(shard, { recursive: true });
  const folder = objectFolder(context.folder, fingerprint);
  try {
    renameSync(work, folder);
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(errorCode(error) ?? '') && existsSync(folder)) return false;
    throw error;
  }
  failpoint('publish-before-shard-sync');
  const touched = [shard];
  if (made !== undefined) touched.push(dirname(shard)); // the shard is new
  if (made !== undefined && made !== shard) touched.push(context.folder); // so is objects/
  await mapAtOnce(touched, (path) => syncToDisk(path, 'folder'));
  return true;
}

/** The map from items to their sources: before the commit, so that no object is ever without it. */
async function keepNames(
  context: StoreContext,
  attempt: Attempt,
  { fingerprint }: ArtifactRecord,
): Promise<void> {
  const from = join(attempt.folder, 'names.csv');
  if (!existsSync(from)) return;
  mkdirSync(namesFolder(context.folder), { recursive: true });
  chmodSync(from, 0o600);
  await syncToDisk(from, 'file');
  failpoint('names-before-rename');
  renameSync(from, namesFile(context.folder, fingerprint));
  failpoint('names-after-rename');
  await mapAtOnce([namesFolder(context.folder), context.folder], (path) => syncToDisk(path, 'folder'));
}

/** The first result stays. One that differs is kept in quarantine/, as it tells what is not deterministic. */
function settleDuplicate(
  context: StoreContext,
  of: { readonly attempt: Attempt; readonly record: ArtifactRecord; readonly first: StoredObject },
): Publication {
  const { attempt, record, first } = of;
  failpoint('duplicate-found');
  const differing = differingOutputs(record, first.record);
  if (differing.length > 0)
    quarantineWork(context, record.fingerprint, { work: join(attempt.folder, 'work'), differing });
  recordPublished(context, attempt);
  clean(context, record);
  if (differing.length === 0) return { ok: true, object: first, duplicate: true };
  const message =
    `two executions of ${record.stepId} with one fingerprint differ in ${differing.join(', ')}: ` +
    'the stage is not deterministic; the first result is kept, the second is in quarantine/';
  return { ok: false, failure: { reason: 'not-deterministic', message }, first, differing };
}

function recordPublished(context: StoreContext, { id }: Attempt): void {
  recordAttemptEnd(context, id, { outcome: 'published', failure: null });
  failpoint('clean-recorded');
}

function clean(context: StoreContext, { fingerprint }: ArtifactRecord): void {
  removeAttempts(context, fingerprint);
  failpoint('publish-after-clean');
}

/** Which objects the inputs were read from; null where that is not known any more. */
function upstreamOf(job: Job | null): Upstream | null {
  if (job === null) return null;
  const fingerprintIn = (place: string) => (isFingerprint(basename(place)) ? basename(place) : '');
  return Object.fromEntries(
    Object.entries(job.inputs).map(([name, given]) => [
      name,
      typeof given === 'string' ? fingerprintIn(given) : given.map((member) => fingerprintIn(member.folder)),
    ]),
  );
}

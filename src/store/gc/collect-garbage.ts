import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../core/artifact.ts';
import { decodeCheckpointManifest } from '../../core/checkpoint-format.ts';
import type { Collection, Leftovers, Removal, Retention } from '../../core/collection.ts';
import { type Digest, digestBytes } from '../../core/digest.ts';
import { failpoint } from '../../core/failpoint.ts';
import { fail } from '../../core/failure.ts';
import { listAttempts } from '../attempts.ts';
import { errorCode, listNames, listTree, readTextIfThere, removeTree } from '../files.ts';
import { withdrawObject } from '../index-object.ts';
import {
  isFingerprint,
  JOB_FILE,
  namesFile,
  objectFolder,
  parseAttemptId,
  quarantineFolder,
  trashFolder,
} from '../layout.ts';
import type { Leases } from '../leases.ts';
import { stampOf } from '../stamp.ts';
import type { StoreContext } from '../store-context.ts';
import { chooseRemovals } from './choose-removals.ts';
import { condemn, isCondemned, readCondemned, rescue, writeGeneration } from './condemned.ts';
import { findUnaware } from './live-mark.ts';
import { keepRecord } from './removed-records.ts';

export interface CollectRequest {
  readonly retention: Retention;
  readonly dryRun: boolean;
  /** How long to wait for processes that use objects. */
  readonly waitMs: number;
}

/**
 * Removes what retention does not keep. Safe beside runs (`LiveMark` says how), and wherever it is killed: what
 * is condemned and still there is served as before, what lies in `gc/trash/` goes with the next collection.
 */
export async function collectGarbage(
  context: StoreContext,
  leases: Leases,
  { retention, dryRun, waitMs }: CollectRequest,
): Promise<Collection> {
  if (dryRun) {
    const choice = chooseRemovals(context, retention);
    const leftovers = clearLeftovers(context, leases, { retention, dryRun });
    return { ...choice, removed: [], spared: [], waitedFor: [], ...leftovers };
  }
  const claim = leases.claim(digestBytes('gc'), 'gc');
  if ('heldBy' in claim) {
    fail('cancelled', `another clade gc (process ${claim.heldBy.pid} on ${claim.heldBy.host}) is on`);
  }
  try {
    emptyTrash(context, leases);
    const choice = chooseRemovals(context, retention);
    const waitedFor = await condemnAll(context, choice.removals, waitMs);
    const busy = inputsOfAttempts(context, leases);
    const removed: Removal[] = [];
    for (const removal of waitedFor.length > 0 ? [] : choice.removals) {
      if (!busy.has(removal.fingerprint) && removeObject(context, leases, removal.fingerprint))
        removed.push(removal);
    }
    emptyTrash(context, leases);
    const gone = new Set(removed);
    const spared = choice.removals.filter((removal) => !gone.has(removal));
    return {
      ...choice,
      removed,
      spared,
      waitedFor,
      ...clearLeftovers(context, leases, { retention, dryRun }),
    };
  } finally {
    claim.lease.releasePublished();
    context.trash.emptyNow(); // whoever collects wants the room now
  }
}

const POLL_MS = 50;

/** Says what is to go, and waits until all who use objects know. @returns those that do not, in the end. */
async function condemnAll(context: StoreContext, removals: readonly Removal[], waitMs: number) {
  const { folder, effects } = context;
  const wanted = new Set(removals.map(({ fingerprint }) => fingerprint));
  const before = readCondemned(folder);
  for (const fingerprint of before) if (!wanted.has(fingerprint)) rescue(folder, fingerprint);
  if (wanted.size === 0) return [];
  for (const fingerprint of wanted) if (!before.has(fingerprint)) condemn(folder, fingerprint);
  failpoint('gc-after-condemn');
  const generation = effects.randomHex(16);
  writeGeneration(folder, generation);
  failpoint('gc-after-generation');
  const untilMs = effects.clock.monotonicMs() + waitMs;
  for (;;) {
    const unaware = findUnaware(folder, effects, generation);
    if (unaware.length === 0 || effects.clock.monotonicMs() >= untilMs) {
      return unaware.map(({ pid, host }) => ({ pid, host }));
    }
    await sleep(POLL_MS);
  }
}

/** What workers read whose runner is gone: no process speaks for them. */
function inputsOfAttempts(context: StoreContext, leases: Leases): Set<Digest> {
  const attempts = listAttempts(context);
  if (attempts.length === 0) return new Set();
  const held = leases.heldStarts();
  return new Set(
    attempts.flatMap(({ id, folder }) => {
      if (!held.has(parseAttemptId(id)?.fingerprintStart ?? '')) return [];
      try {
        const { inputs, part } = JSON.parse(readTextIfThere(join(folder, JOB_FILE)) ?? '') as Job;
        const folders = Object.values(inputs).flatMap((given) =>
          typeof given === 'string' ? [given] : given.map((member) => member.folder),
        );
        const items = part.kind === 'join' ? part.items.map((item) => item.folder) : [];
        return [...folders, ...items].map((place) => basename(place));
      } catch {
        return []; // not written yet: its runner lives
      }
    }),
  );
}

/** Under its lease, if it is condemned still: told to the index, then moved away in one step. */
function removeObject(context: StoreContext, leases: Leases, fingerprint: Digest): boolean {
  const { folder, index, effects } = context;
  const claim = leases.claim(fingerprint, 'gc');
  if ('heldBy' in claim) return false;
  try {
    if (!isCondemned(folder, fingerprint)) return false;
    keepRecord(context, fingerprint);
    withdrawObject(index, fingerprint, 'removed');
    failpoint('gc-before-rename');
    mkdirSync(trashFolder(folder), { recursive: true });
    try {
      renameSync(
        objectFolder(folder, fingerprint),
        join(trashFolder(folder), `${fingerprint}-${effects.randomHex(8)}`),
      );
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    failpoint('gc-after-rename');
    withdrawObject(index, fingerprint, 'removed'); // whoever looked in between has recorded it again
    rmSync(namesFile(folder, fingerprint), { force: true });
    rescue(folder, fingerprint);
    return true;
  } finally {
    claim.lease.releasePublished();
  }
}

/** What was moved there goes, with the names that a collection killed in between has left behind. */
function emptyTrash(context: StoreContext, leases: Leases): void {
  const { folder } = context;
  for (const name of listNames(trashFolder(folder))) {
    const fingerprint = name.slice(0, 64);
    const claim = isFingerprint(fingerprint) ? leases.claim(fingerprint, 'gc') : null;
    if (claim !== null && 'lease' in claim) {
      if (stampOf(objectFolder(folder, fingerprint)) === null)
        rmSync(namesFile(folder, fingerprint), { force: true });
      claim.lease.releasePublished();
    }
    removeTree(join(trashFolder(folder), name));
    failpoint('gc-after-trash');
  }
}

function clearLeftovers(
  context: StoreContext,
  leases: Leases,
  { retention, dryRun }: { readonly retention: Retention; readonly dryRun: boolean },
) {
  const nowMs = context.effects.clock.nowMs();
  const isOld = (path: string, ageMs: number) => nowMs - (stampOf(path)?.changedMs ?? nowMs) >= ageMs;
  const checkpoints = listAttempts(context).flatMap(({ folder }) => {
    const place = join(folder, 'checkpoint');
    const names = listNames(place).filter((name) => !name.startsWith('.'));
    const fingerprint = fingerprintOfCheckpoints(place, names);
    if (fingerprint === null || !isOld(place, retention.checkpointMs)) return [];
    if (leases.holderOf(fingerprint) !== null) return []; // somebody goes on from it
    const sizeBytes = sizeOf(folder);
    if (!dryRun) {
      const claim = leases.claim(fingerprint, 'gc');
      if ('heldBy' in claim) return [];
      removeTree(folder);
      claim.lease.release();
    }
    return [sizeBytes];
  });
  const place = quarantineFolder(context.folder);
  const quarantine = listNames(place).flatMap((name) => {
    const path = join(place, name);
    if (!isOld(path, retention.quarantineMs)) return [];
    const sizeBytes = sizeOf(path);
    if (!dryRun) removeTree(path);
    return [sizeBytes];
  });
  const counted = (sizes: readonly number[]): Leftovers => ({
    count: sizes.length,
    sizeBytes: sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0),
  });
  return { checkpoints: counted(checkpoints), quarantine: counted(quarantine) };
}

function fingerprintOfCheckpoints(place: string, names: readonly string[]): Digest | null {
  for (const name of names) {
    const manifest = decodeCheckpointManifest(readTextIfThere(join(place, name, 'manifest.json')) ?? '');
    if (manifest !== null) return manifest.fingerprint;
  }
  return null;
}

function sizeOf(path: string): number {
  const stamp = stampOf(path);
  if (stamp?.kind !== 'folder') return stamp?.sizeBytes ?? 0;
  try {
    return listTree(path).files.reduce((sum, file) => sum + (stampOf(join(path, file))?.sizeBytes ?? 0), 0);
  } catch {
    return 0; // it has just gone
  }
}

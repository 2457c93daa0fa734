import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../core/artifact.ts';
import type { Collection } from '../core/collection.ts';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import { type Failure, fail, toFailure } from '../core/failure.ts';
import {
  type Attempt,
  abandonAttempt,
  attemptsOf,
  createAttempt,
  isFinished,
  logTail,
  newestCheckpoint,
} from './attempts.ts';
import { type DigestedSource, digestSource, type SourcePlace } from './digest-source.ts';
import { type Effects, systemEffects } from './effects.ts';
import { type Found, findObject, verifyObjectFully } from './find-object.ts';
import { type CollectRequest, collectGarbage } from './gc/collect-garbage.ts';
import { isCondemned, rescue } from './gc/condemned.ts';
import { LiveMark } from './gc/live-mark.ts';
import { addPin, listPins, type Pin, removePin } from './gc/pins.ts';
import { changedInput, type Marked, markInputs, type Reading } from './input-marks.ts';
import { objectFolder } from './layout.ts';
import type { Lease } from './lease.ts';
import { type Holder, Leases } from './leases.ts';
import { openIndexForReading, openIndexForWriting } from './open-index.ts';
import { type Publication, publishAttempt } from './publish-attempt.ts';
import { Lineage } from './read-lineage.ts';
import { type Recovery, recover } from './recover.ts';
import { type Reindexed, reindex } from './reindex.ts';
import { type RunFolder, startRun } from './run-folder.ts';
import type { RunDescription } from './run-record.ts';
import { stampOf } from './stamp.ts';
import type { StoreContext } from './store-context.ts';
import type { StoredObject } from './stored-object.ts';
import { Trash } from './trash.ts';
import { type Verification, type VerifyRequest, verifyStore } from './verify-store.ts';

export interface StoreOptions {
  /** The artifacts folder. Made where it is not there, unless only looked at. */
  readonly folder: string;
  /** Nothing is written; only what looks may be called. */
  readonly readOnly?: boolean;
  readonly effects?: Effects;
}

export type Claim =
  | { readonly lease: Lease }
  | { readonly heldBy: Holder }
  /** The work of a runner that died was finished, and is published now. */
  | { readonly published: StoredObject };

/** Opens an artifacts folder. @throws ExpectedFailure not-writable, out-of-space */
export function openStore({ folder, readOnly = false, effects = systemEffects }: StoreOptions): Store {
  const root = resolve(folder);
  if (!readOnly) makeWritableFolder(root);
  try {
    const { index, empty, notes } = readOnly ? openIndexForReading(root) : openIndexForWriting(root, effects);
    const trash = new Trash(root, effects);
    const context: StoreContext = { folder: root, index, effects, trash, readOnly };
    index.refill = () => void reindex(context);
    if (empty) index.refill();
    return new Store(context, notes);
  } catch (error) {
    const { reason, message } = toFailure(error);
    if (reason === 'internal-error') throw error;
    return fail(
      reason,
      reason === 'not-writable' ? `the artifacts folder ${root} cannot be used: ${message}` : message,
    );
  }
}

/** Whatever stands in the way (a file, a lack of rights, a disk that is gone) is named with the folder. */
function makeWritableFolder(root: string): void {
  try {
    mkdirSync(root, { recursive: true });
    accessSync(root, constants.W_OK);
  } catch (error) {
    const { reason } = toFailure(error);
    const message = `the artifacts folder ${root} cannot be made or written: ${(error as Error).message}`;
    fail(reason === 'out-of-space' ? reason : 'not-writable', message);
  }
}

const POLL_MS = 40;
const POLL_MS_MAX = 250;

/** The one door to an artifacts folder. Made by `openStore` alone. */
export class Store {
  readonly folder: string;
  readonly lineage: Lineage;
  readonly #context: StoreContext;
  readonly #leases: Leases;
  #mark: LiveMark | null = null;

  constructor(
    context: StoreContext,
    /** What a person should know of the opening: an index rebuilt. */
    readonly notes: readonly string[],
  ) {
    this.#context = context;
    this.folder = context.folder;
    this.#leases = new Leases(context.folder, context.effects, context.trash);
    this.lineage = new Lineage(context.folder, context.index, context.effects);
  }

  /** What it hands out stays, whatever is collected, until this process ends; not so in a store opened to be read. */
  findObject(fingerprint: Digest): Found {
    if (this.#context.readOnly) return findObject(this.#context, fingerprint);
    const live = this.#live;
    if (live.isHidden(fingerprint)) return { status: 'absent', removed: true };
    const found = findObject(this.#context, fingerprint);
    if (found.status === 'sound') live.use(fingerprint);
    return found;
  }

  /** From the first look at an object, collections know of this process. */
  get #live(): LiveMark {
    this.#mark ??= new LiveMark(this.folder, this.#context.effects);
    return this.#mark;
  }

  /** Reads every byte of an object, whatever the stamps say. */
  verifyObject(fingerprint: Digest): Found {
    return verifyObjectFully(this.#context, fingerprint);
  }

  /** Reads every byte of everything; puts right what it can where the store is open for writing. */
  verify(request?: VerifyRequest): Verification {
    return verifyStore(this.#context, request);
  }

  digestSource(source: SourcePlace): Promise<DigestedSource> {
    return digestSource(this.#context, source);
  }

  nearestExecution(of: {
    readonly pipeline: string;
    readonly stage: string | null;
    readonly stepId: string;
  }) {
    return this.lineage.nearestExecution(of);
  }

  /** Milliseconds that executions of a stage took, newest first. */
  durations(stage: string): readonly number[] {
    return this.lineage.durations(stage);
  }

  /** The right to make a fingerprint's artifact. What a dead runner's worker finished is published instead. */
  async claim(fingerprint: Digest, runId: string): Promise<Claim> {
    const claim = this.#leases.claim(fingerprint, runId);
    if ('heldBy' in claim) return claim;
    this.#live.save(fingerprint);
    if (!claim.tookOver) return claim;
    for (const attempt of attemptsOf(this.#context, fingerprint).filter(isFinished)) {
      failpoint('takeover-before-publish');
      const publication = await publishAttempt(this.#context, attempt, claim.lease);
      if (!publication.ok) continue;
      claim.lease.releasePublished();
      return { published: publication.object };
    }
    return { lease: claim.lease };
  }

  /** Resolves when the fingerprint is published, or nobody holds it any more, or the signal is aborted. */
  async waitFor(fingerprint: Digest, signal: AbortSignal): Promise<void> {
    for (let pauseMs = POLL_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 1.5, POLL_MS_MAX)) {
      if (this.#leases.holderOf(fingerprint) === null) return;
      if (stampOf(objectFolder(this.folder, fingerprint)) !== null) return;
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Looks at what a job is about to read; for its file. */
  markInputs(job: Reading): Marked {
    return markInputs(this.#context, job);
  }

  /** What became of an input since the job's marks were taken; null for nothing. */
  changedInput(job: Job): Failure | null {
    return changedInput(this.#context, job);
  }

  createAttempt(of: {
    readonly runId: string;
    readonly stepId: string;
    readonly fingerprint: Digest;
  }): Attempt {
    return createAttempt(this.#context, of);
  }

  newestCheckpoint(fingerprint: Digest): { readonly folder: string; readonly attempt: string } | null {
    return newestCheckpoint(this.#context, fingerprint);
  }

  /** Makes a finished attempt's work an object. After success the lease ends with it. */
  async publish(attempt: Attempt, lease: Lease): Promise<Publication> {
    const publication = await publishAttempt(this.#context, attempt, lease);
    if (!publication.ok) return publication;
    this.#live.save(lease.fingerprint);
    this.#live.use(lease.fingerprint);
    lease.releasePublished();
    return publication;
  }

  /** An attempt that left no artifact: its log is kept with the run, its checkpoint for the next attempt. */
  abandon(attempt: Attempt, failure: Failure | null = null): void {
    const outcome = failure === null || failure.reason === 'cancelled' ? 'interrupted' : 'failed';
    abandonAttempt(this.#context, attempt, { outcome, failure });
  }

  logTail(attempt: Pick<Attempt, 'id'>, lines?: number): readonly string[] {
    return logTail(this.#context, attempt, lines);
  }

  /** @throws ExpectedFailure not-writable, out-of-space */
  startRun(description: RunDescription): RunFolder {
    return startRun(this.#context, description);
  }

  /** Puts in order what dead processes left. To be called once, before the first claim of a run. */
  recover(runId = 'recovery'): Promise<Recovery> {
    return recover(this.#context, this.#leases, runId);
  }

  /** Makes the index anew from the folders. */
  reindex(): Reindexed {
    return reindex(this.#context);
  }

  /** Removes what is not to be kept, or says what would be. */
  collect(request: CollectRequest): Promise<Collection> {
    return collectGarbage(this.#context, this.#leases, request);
  }

  listPins(): Pin[] {
    return listPins(this.folder);
  }

  /** @param fingerprints what it stands for: saved from a collection that is on. @returns those that are not there. */
  async pin(pin: Omit<Pin, 'at'>, fingerprints: readonly Digest[]): Promise<Digest[]> {
    addPin(this.#context, pin);
    for (const fingerprint of fingerprints) {
      while (isCondemned(this.folder, fingerprint)) {
        const claim = this.#leases.claim(fingerprint, 'pin');
        if ('heldBy' in claim) await sleep(POLL_MS);
        else {
          rescue(this.folder, fingerprint);
          claim.lease.releasePublished();
        }
      }
    }
    return fingerprints.filter((fingerprint) => stampOf(objectFolder(this.folder, fingerprint)) === null);
  }

  unpin(name: string): void {
    removePin(this.folder, name);
  }

  /** Removes what publications left, sooner than `close` would: many folders at a time. */
  emptyTrash(): Promise<void> {
    return this.#context.trash.empty();
  }

  /** Gives all leases back, and the room of what is done with. */
  close(): void {
    this.#mark?.close();
    this.#leases.close();
    this.#context.trash.emptyNow();
    this.#context.index.close();
  }
}

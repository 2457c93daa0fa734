import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import type { Effects } from './effects.ts';
import { errorCode, listNames, overwriteFile } from './files.ts';
import { isFingerprint, leasesFolder, startOf } from './layout.ts';
import { Lease } from './lease.ts';
import { encodeLease, type LeaseFile, newestEpoch, readLeaseFile } from './lease-file.ts';
import { type Stamp, stampOf } from './stamp.ts';
import { Trash } from './trash.ts';

/**
 * One writer per fingerprint. `leases/<fingerprint>/` holds one file an epoch, named by its number; the
 * highest is the lease, held or given back as its content says. To take a free or a dead lease is to
 * link the next number: of two takers the file system lets one. Numbers are never taken away from a
 * folder, so whoever comes with an old view finds its number taken. The folder goes as a whole when
 * the fingerprint is published; a taker whose view is older than that notices, because each lease names
 * the one it follows.
 */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly runId: string;
  /** ISO 8601. */
  readonly since: string;
  /** The runner is gone; its worker still computes. */
  readonly orphaned: boolean;
}

export type LeaseClaim = { readonly lease: Lease; readonly tookOver: boolean } | { readonly heldBy: Holder };

/** The lease of a fingerprint as somebody else sees it. */
interface View {
  readonly epoch: number;
  /** '' where the file is damaged. */
  readonly token: string;
  readonly released: boolean;
  /** null where it is given back, or its owner and its worker are gone. */
  readonly holder: Holder | null;
}

const NOTHING: View = { epoch: 0, token: '', released: true, holder: null };

/** A lease file is written under another name first: one that is not whole is damage, or just being made. */
const UNREADABLE_TIMEOUT_MS = 5_000;
const HEARTBEAT_MS = 10_000;
/** A holder whose process cannot be seen from here is given up when its heartbeat has stood still so long. */
const SILENCE_TIMEOUT_MS = 90_000;

export class Leases {
  readonly #held = new Set<Lease>();
  readonly #seen = new Map<Digest, { readonly stamp: string; readonly sinceMs: number }>();
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(
    readonly folder: string,
    readonly effects: Effects,
    readonly trash = new Trash(folder, effects),
  ) {}

  claim(fingerprint: Digest, runId: string): LeaseClaim {
    const folder = join(leasesFolder(this.folder), fingerprint);
    for (;;) {
      const view = this.#look(fingerprint);
      if (view.holder !== null) return { heldBy: view.holder };
      const epoch = view.epoch + 1;
      const content: LeaseFile = {
        token: this.effects.randomHex(16),
        after: view.token,
        runId,
        since: new Date(this.effects.clock.nowMs()).toISOString(),
        runner: this.effects.processes.own(),
        worker: null,
        released: false,
      };
      if (!this.#take(folder, epoch, content)) continue;
      failpoint('lease-after-link');
      if (!follows(folder, view)) {
        rmSync(join(folder, String(epoch)), { force: true });
        continue;
      }
      const lease = new Lease({
        effects: this.effects,
        trash: this.trash,
        ended: (one) => this.#forget(one),
        fingerprint,
        epoch,
        folder,
        content,
      });
      this.#keep(lease);
      return { lease, tookOver: !view.released };
    }
  }

  /** Who holds a fingerprint now; null for nobody. */
  holderOf(fingerprint: Digest): Holder | null {
    return this.#look(fingerprint).holder;
  }

  /** Starts of the fingerprints that somebody holds, as attempts' ids have them. */
  heldStarts(): ReadonlySet<string> {
    const held = listNames(leasesFolder(this.folder)).filter(
      (name) => isFingerprint(name) && this.holderOf(name) !== null,
    );
    return new Set(held.map(startOf));
  }

  #forget(lease: Lease): void {
    this.#held.delete(lease);
    if (this.#held.size > 0 || this.#heartbeat === null) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = null;
  }

  close(): void {
    for (const lease of this.#held) lease.release();
  }

  #keep(lease: Lease): void {
    this.#held.add(lease);
    this.#heartbeat ??= setInterval(() => {
      for (const held of this.#held) held.beat();
    }, HEARTBEAT_MS).unref();
  }

  /** Exclusive, and whole at once. False where another process was quicker. */
  #take(folder: string, epoch: number, content: LeaseFile): boolean {
    const text = encodeLease(content);
    return (epoch === 1 && this.#reuse(folder, text)) || this.#link(folder, epoch, text);
  }

  /** The folder of a first epoch is renamed over none, or an empty one: whoever made that finds the number taken. */
  #reuse(folder: string, text: string): boolean {
    return this.trash.reuse('lease', folder, (spare) => {
      overwriteFile(join(spare, '1'), text);
      failpoint('lease-before-rename');
    });
  }

  #link(folder: string, epoch: number, text: string): boolean {
    const temporary = join(folder, `.tmp-${process.pid}-${this.effects.randomHex(8)}`);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(temporary, text);
      failpoint('lease-before-link');
      linkSync(temporary, join(folder, String(epoch)));
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EEXIST' || code === 'ENOENT') return false; // taken, or the folder was just cleaned away
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error;
      return writeExclusively(join(folder, String(epoch)), text); // a file system without hard links
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  #look(fingerprint: Digest): View {
    const folder = join(leasesFolder(this.folder), fingerprint);
    const epoch = stampOf(folder) === null ? 0 : newestEpoch(folder); // an error costs more than a look
    const file = join(folder, String(epoch));
    const stamp = epoch === 0 ? null : stampOf(file);
    if (stamp === null) return NOTHING; // none, or published a moment ago
    const content = readLeaseFile(file);
    const released = content?.released ?? false;
    const holder = released
      ? null
      : content
        ? this.#holder(fingerprint, content, stamp)
        : this.#unknownHolder(stamp);
    return { epoch, token: content?.token ?? '', released, holder };
  }

  #holder(fingerprint: Digest, { runner, worker, runId, since }: LeaseFile, stamp: Stamp): Holder | null {
    const { processes } = this.effects;
    const runnerState = processes.liveness(runner);
    const workerState = worker === null ? 'dead' : processes.liveness(worker);
    const alive = runnerState === 'alive' || workerState === 'alive';
    if (!alive && (runnerState === 'dead' || this.#isSilent(fingerprint, stamp.text))) return null;
    const orphaned = runnerState === 'dead';
    const holding = orphaned && worker ? worker : runner;
    return { pid: holding.pid, host: holding.host, runId, since, orphaned };
  }

  #unknownHolder(stamp: Stamp): Holder | null {
    const ageMs = Math.abs(this.effects.clock.nowMs() - stamp.changedMs);
    if (ageMs > UNREADABLE_TIMEOUT_MS) return null;
    const since = new Date(stamp.changedMs).toISOString();
    return { pid: 0, host: 'unknown', runId: 'unknown', since, orphaned: false };
  }

  /** Has the file stood still for too long, by our own clock, since we first saw it so? */
  #isSilent(fingerprint: Digest, stamp: string): boolean {
    const nowMs = this.effects.clock.monotonicMs();
    const seen = this.#seen.get(fingerprint);
    if (seen?.stamp === stamp) return nowMs - seen.sinceMs > SILENCE_TIMEOUT_MS;
    this.#seen.set(fingerprint, { stamp, sinceMs: nowMs });
    return false;
  }
}

/** Is the lease that was looked at still the one before ours? Not so if the folder is another by now. */
function follows(folder: string, { epoch, token }: View): boolean {
  if (newestEpoch(folder) !== epoch + 1) return false;
  return epoch === 0 || (readLeaseFile(join(folder, String(epoch)))?.token ?? '') === token;
}

function writeExclusively(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' || errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

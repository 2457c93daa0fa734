import { linkSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import type { Effects } from './effects.ts';
import { errorCode, listNames, readTextIfThere, replaceFile } from './files.ts';
import { isFingerprint, leasesFolder } from './layout.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { type Stamp, stampOf } from './stamp.ts';

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

interface LeaseFile {
  /** Of this lease alone: epochs start again after a publication. */
  readonly token: string;
  /** The token of the lease that it follows; '' for the first. */
  readonly after: string;
  readonly runId: string;
  readonly since: string;
  readonly runner: ProcessIdentity;
  readonly worker: ProcessIdentity | null;
  readonly released: boolean;
}

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
      failpoint('lease-before-link');
      if (!this.#link(folder, epoch, content)) continue;
      failpoint('lease-after-link');
      if (!follows(folder, view)) {
        rmSync(join(folder, String(epoch)), { force: true });
        continue;
      }
      const lease = new Lease({ leases: this, fingerprint, epoch, folder, content });
      this.#keep(lease);
      return { lease, tookOver: !view.released };
    }
  }

  /** Who holds a fingerprint now; null for nobody. */
  holderOf(fingerprint: Digest): Holder | null {
    return this.#look(fingerprint).holder;
  }

  /** Fingerprints that somebody holds. */
  heldFingerprints(): Digest[] {
    return listNames(leasesFolder(this.folder)).filter(
      (name) => isFingerprint(name) && this.holderOf(name) !== null,
    );
  }

  /** For the leases themselves. */
  forget(lease: Lease): void {
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
  #link(folder: string, epoch: number, content: LeaseFile): boolean {
    const temporary = join(folder, `.tmp-${process.pid}-${this.effects.randomHex(8)}`);
    const text = JSON.stringify(content);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(temporary, text);
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
    const epoch = newestEpoch(folder);
    const file = join(folder, String(epoch));
    const stamp = epoch === 0 ? null : stampOf(file);
    if (stamp === null) return NOTHING; // none, or published a moment ago
    const content = parseLease(readTextIfThere(file));
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

export class Lease {
  readonly fingerprint: Digest;
  readonly epoch: number;
  readonly #leases: Leases;
  readonly #folder: string;
  #content: LeaseFile;
  #released = false;

  /** Made by `Leases.claim` alone. */
  constructor(of: {
    readonly leases: Leases;
    readonly fingerprint: Digest;
    readonly epoch: number;
    readonly folder: string;
    readonly content: LeaseFile;
  }) {
    this.#leases = of.leases;
    this.fingerprint = of.fingerprint;
    this.epoch = of.epoch;
    this.#folder = of.folder;
    this.#content = of.content;
  }

  get #file(): string {
    return join(this.#folder, String(this.epoch));
  }

  /** Nobody has taken it over. */
  isCurrent(): boolean {
    if (this.#released || parseLease(readTextIfThere(this.#file))?.token !== this.#content.token)
      return false;
    const next = parseLease(readTextIfThere(join(this.#folder, String(this.epoch + 1))));
    return next?.after !== this.#content.token;
  }

  /** The process that computes: while it lives the lease is held, even if the runner dies. */
  setWorker(pid: number): void {
    this.#write({ ...this.#content, worker: this.#leases.effects.processes.identify(pid) });
  }

  beat(): void {
    try {
      const now = new Date(this.#leases.effects.clock.nowMs());
      utimesSync(this.#file, now, now);
    } catch {
      // taken over, or the folder is gone: publication will say so
    }
  }

  /** Gives it back, its epoch kept for the next one. */
  release(): void {
    this.#end(() => this.#write({ ...this.#content, released: true }));
  }

  /** After publication nobody needs the epochs any more. */
  releasePublished(): void {
    this.#end(() => {
      if (!this.isCurrent()) return;
      const away = join(dirname(this.#folder), `.published-${this.#leases.effects.randomHex(16)}`);
      renameSync(this.#folder, away);
      rmSync(away, { recursive: true, force: true });
    });
  }

  #write(content: LeaseFile): void {
    if (!this.isCurrent()) return;
    this.#content = content;
    const temporary = join(this.#folder, `.tmp-${process.pid}-${this.#leases.effects.randomHex(8)}`);
    replaceFile(this.#file, JSON.stringify(content), temporary);
  }

  #end(giveBack: () => void): void {
    if (this.#released) return;
    this.#leases.forget(this);
    try {
      giveBack();
    } catch {
      // taken over meanwhile, or the disk is full: the process's end gives it back too
    } finally {
      this.#released = true;
    }
  }
}

/** 0 where there is none. */
function newestEpoch(folder: string): number {
  return listNames(folder).reduce(
    (newest, name) => (/^\d+$/.test(name) ? Math.max(newest, Number(name)) : newest),
    0,
  );
}

/** Is the lease that was looked at still the one before ours? Not so if the folder is another by now. */
function follows(folder: string, { epoch, token }: View): boolean {
  if (newestEpoch(folder) !== epoch + 1) return false;
  return epoch === 0 || (parseLease(readTextIfThere(join(folder, String(epoch))))?.token ?? '') === token;
}

function parseLease(text: string | null): LeaseFile | null {
  try {
    const value = JSON.parse(text ?? '') as Partial<LeaseFile> | null;
    return typeof value?.runner?.pid === 'number' && typeof value.runId === 'string'
      ? (value as LeaseFile)
      : null;
  } catch {
    return null;
  }
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

import {
  linkSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import type { Effects } from './effects.ts';
import { errorCode, listNames, readTextIfThere, replaceFile } from './files.ts';
import { leasesFolder } from './layout.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { stampOf } from './stamp.ts';

/**
 * One writer per fingerprint. `leases/<fingerprint>/` holds a file named by the lease's epoch, `<epoch>`
 * while it is held and `<epoch>.free` after it was given back. Whoever links `<epoch + 1>` has it: two
 * takers of a free or dead lease race for one name, which the file system gives to one of them. An
 * owner writes to its own file alone, so nobody can be robbed by a slow writer. The folder goes when
 * the fingerprint is published.
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
  /** Epochs start again after a publication; this tells two leases of one epoch apart. */
  readonly token: string;
  readonly runId: string;
  readonly since: string;
  readonly runner: ProcessIdentity;
  readonly worker: ProcessIdentity | null;
}

interface Newest {
  readonly epoch: number;
  readonly free: boolean;
}

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
    const { clock, processes } = this.effects;
    const folder = join(leasesFolder(this.folder), fingerprint);
    for (;;) {
      mkdirSync(folder, { recursive: true });
      const newest = newestEpoch(folder);
      const holder = newest && !newest.free ? this.#holder(fingerprint, newest.epoch) : null;
      if (holder) return { heldBy: holder };
      const epoch = (newest?.epoch ?? 0) + 1;
      const content: LeaseFile = {
        token: this.effects.randomHex(16),
        runId,
        since: new Date(clock.nowMs()).toISOString(),
        runner: processes.own(),
        worker: null,
      };
      failpoint('lease-before-link');
      if (!this.#link(folder, epoch, content)) continue;
      failpoint('lease-after-link');
      const lease = new Lease({ leases: this, fingerprint, epoch, folder, content });
      this.#keep(lease);
      for (const name of listNames(folder)) {
        if (Number.parseInt(name, 10) < epoch) rmSync(join(folder, name), { force: true });
      }
      return { lease, tookOver: newest !== null && !newest.free };
    }
  }

  /** Who holds a fingerprint now; null for nobody. */
  holderOf(fingerprint: Digest): Holder | null {
    const newest = newestEpoch(join(leasesFolder(this.folder), fingerprint));
    return newest && !newest.free ? this.#holder(fingerprint, newest.epoch) : null;
  }

  /** Fingerprints that somebody holds. */
  heldFingerprints(): Digest[] {
    return listNames(leasesFolder(this.folder)).filter((fingerprint) => this.holderOf(fingerprint) !== null);
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

  /** null where the owner, and its worker, are gone. */
  #holder(fingerprint: Digest, epoch: number): Holder | null {
    const file = join(leasesFolder(this.folder), fingerprint, String(epoch));
    const stamp = stampOf(file);
    if (stamp === null) return null;
    const content = parseLease(readTextIfThere(file));
    const { clock, processes } = this.effects;
    if (content === null) {
      const ageMs = Math.abs(clock.nowMs() - stamp.changedMs);
      if (ageMs > UNREADABLE_TIMEOUT_MS) return null;
      const since = new Date(stamp.changedMs).toISOString();
      return { pid: 0, host: 'unknown', runId: 'unknown', since, orphaned: false };
    }
    const { runner, worker, runId, since } = content;
    const runnerState = processes.liveness(runner);
    const workerState = worker === null ? 'dead' : processes.liveness(worker);
    const alive = runnerState === 'alive' || workerState === 'alive';
    if (!alive && (runnerState === 'dead' || this.#isSilent(fingerprint, stamp.text))) return null;
    const orphaned = runnerState === 'dead';
    const holding = orphaned && worker ? worker : runner;
    return { pid: holding.pid, host: holding.host, runId, since, orphaned };
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
    if (this.#released || newestEpoch(this.#folder)?.epoch !== this.epoch) return false;
    return parseLease(readTextIfThere(this.#file))?.token === this.#content.token;
  }

  /** The process that computes: while it lives the lease is held, even if the runner dies. */
  setWorker(pid: number): void {
    this.#content = { ...this.#content, worker: this.#leases.effects.processes.identify(pid) };
    const temporary = join(this.#folder, `.tmp-${process.pid}-${this.#leases.effects.randomHex(8)}`);
    if (this.isCurrent()) replaceFile(this.#file, JSON.stringify(this.#content), temporary);
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
    this.#end(() => renameSync(this.#file, `${this.#file}.free`));
  }

  /** After publication nobody needs the epoch any more. */
  releasePublished(): void {
    this.#end(() => {
      unlinkSync(this.#file);
      rmdirSync(this.#folder);
    });
  }

  #end(giveBack: () => void): void {
    if (this.#released) return;
    this.#released = true;
    this.#leases.forget(this);
    try {
      giveBack();
    } catch {
      // taken over meanwhile, or another claim is in the folder: nothing of ours is left to give back
    }
  }
}

function newestEpoch(folder: string): Newest | null {
  let newest: Newest | null = null;
  for (const name of listNames(folder)) {
    const match = /^(\d+)(\.free)?$/.exec(name);
    if (match && Number(match[1]) > (newest?.epoch ?? 0))
      newest = { epoch: Number(match[1]), free: match[2] !== undefined };
  }
  return newest;
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

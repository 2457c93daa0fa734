import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import type { Effects } from './effects.ts';
import { listNames, overwriteFile } from './files.ts';
import { encodeLease, type LeaseFile, readLeaseFile } from './lease-file.ts';
import { stampOf } from './stamp.ts';
import type { Trash } from './trash.ts';

/** The right to make one fingerprint's artifact, until it is given back or taken over. */
export class Lease {
  readonly fingerprint: Digest;
  readonly epoch: number;
  readonly #effects: Effects;
  readonly #trash: Trash;
  readonly #ended: (lease: Lease) => void;
  readonly #folder: string;
  #content: LeaseFile;
  #released = false;

  /** Made by `Leases.claim` alone. */
  constructor(of: {
    readonly effects: Effects;
    readonly trash: Trash;
    /** Hears when it is given back. */
    readonly ended: (lease: Lease) => void;
    readonly fingerprint: Digest;
    readonly epoch: number;
    readonly folder: string;
    readonly content: LeaseFile;
  }) {
    this.#effects = of.effects;
    this.#trash = of.trash;
    this.#ended = of.ended;
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
    if (this.#released || readLeaseFile(this.#file)?.token !== this.#content.token) return false;
    const next = join(this.#folder, String(this.epoch + 1));
    if (stampOf(next) === null) return true; // an error costs more than a look
    // One that is there and cannot be read, as it is just being written, may be whose it likes.
    const content = readLeaseFile(next);
    return content !== null && content.after !== this.#content.token;
  }

  /** The process that computes: while it lives the lease is held, even if the runner dies. */
  setWorker(pid: number): void {
    failpoint('lease-before-worker');
    this.#write({ ...this.#content, worker: this.#effects.processes.identify(pid) });
  }

  beat(): void {
    try {
      const now = new Date(this.#effects.clock.nowMs());
      utimesSync(this.#file, now, now);
    } catch {
      // taken over, or the folder is gone: publication will say so
    }
  }

  /** Gives it back, its epoch kept for the next one. */
  release(): void {
    this.#end(() => {
      failpoint('lease-before-release');
      this.#write({ ...this.#content, released: true });
    });
  }

  /** After publication nobody needs the epochs any more. */
  releasePublished(): void {
    this.#end(() => {
      failpoint('lease-before-clean');
      if (!this.isCurrent()) return;
      const serves = listNames(this.#folder).join() === '1';
      this.#trash.take(this.#folder, serves ? 'lease' : null);
      failpoint('lease-moved-away');
    });
  }

  /** In place: a new file for it would be one more to make and to remove. Whoever sees half of it looks again. */
  #write(content: LeaseFile): void {
    if (!this.isCurrent()) return;
    this.#content = content;
    overwriteFile(this.#file, encodeLease(content));
  }

  #end(giveBack: () => void): void {
    if (this.#released) return;
    this.#ended(this);
    try {
      giveBack();
    } catch {
      // taken over meanwhile, or the disk is full: the process's end gives it back too
    } finally {
      this.#released = true;
    }
  }
}

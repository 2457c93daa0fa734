import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import type { Effects } from '../effects.ts';
import { listNames, readTextIfThere, replaceFile } from '../files.ts';
import { liveFolder } from '../layout.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { stampOf } from '../stamp.ts';
import { readCondemned, readGeneration, rescue } from './condemned.ts';

/** What the file of a process that uses objects holds. */
export interface LiveFile {
  readonly process: ProcessIdentity;
  /** The generation of condemned objects that it knows of: it uses none of these without saving it first. */
  readonly generation: string;
}

const LOOK_MS = 200;
const HEARTBEAT_MS = 60_000;

/**
 * Says that this process uses objects, and keeps it and a collection out of each other's way:
 *
 *   a collection: condemns, writes a new generation, waits until every live process knows it, removes
 *   a process: on a new generation, saves what it has used, then says that it knows the generation
 *
 * From then on a condemned object is absent to it, until it holds the fingerprint's lease and has saved it.
 * Removal needs that lease too. So nothing that a process has been handed is ever removed under it.
 */
export class LiveMark {
  readonly #folder: string;
  readonly #effects: Effects;
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;
  readonly #used = new Set<Digest>();
  #condemned: ReadonlySet<Digest>;
  #generation: string;
  #writtenMs = 0;

  constructor(folder: string, effects: Effects) {
    this.#folder = folder;
    this.#effects = effects;
    this.#file = join(liveFolder(folder), `${process.pid}-${effects.randomHex(12)}.json`);
    mkdirSync(liveFolder(folder), { recursive: true });
    this.#generation = readGeneration(folder);
    this.#write(); // before the look at what is condemned: no object has been looked at yet
    this.#condemned = readCondemned(folder);
    this.look();
    this.#timer = setInterval(() => this.#lookQuietly(), LOOK_MS).unref();
  }

  /** To this process it is not there. */
  isHidden(fingerprint: Digest): boolean {
    return this.#condemned.size > 0 && this.#condemned.has(fingerprint);
  }

  /** It was handed out, and must stay as long as this process lives. */
  use(fingerprint: Digest): void {
    this.#used.add(fingerprint);
  }

  /** To be called under the fingerprint's lease alone. */
  save(fingerprint: Digest): void {
    if (!this.isHidden(fingerprint)) return;
    rescue(this.#folder, fingerprint);
    (this.#condemned as Set<Digest>).delete(fingerprint);
  }

  /** Is there a collection that this process has not answered yet? */
  look(): void {
    const generation = readGeneration(this.#folder);
    if (generation === this.#generation) {
      if (this.#effects.clock.monotonicMs() - this.#writtenMs > HEARTBEAT_MS) this.#write();
      return;
    }
    const condemned = readCondemned(this.#folder);
    for (const fingerprint of condemned) {
      if (!this.#used.has(fingerprint)) continue;
      rescue(this.#folder, fingerprint);
      condemned.delete(fingerprint);
    }
    this.#condemned = condemned;
    this.#generation = generation;
    this.#write();
  }

  close(): void {
    clearInterval(this.#timer);
    rmSync(this.#file, { force: true });
  }

  /** What fails in a timer is tried again at its next turn: until then the collection waits. */
  #lookQuietly(): void {
    const before = this.#generation;
    try {
      this.look();
    } catch {
      this.#generation = before;
    }
  }

  #write(): void {
    const content: LiveFile = { process: this.#effects.processes.own(), generation: this.#generation };
    replaceFile(this.#file, JSON.stringify(content), `${this.#file}.tmp`);
    this.#writtenMs = this.#effects.clock.monotonicMs();
  }
}

/** A process that cannot be seen from here counts as gone when its file was not touched for so long. */
const SILENCE_MS = 24 * 3600_000;

/** Processes that use objects and do not know this generation. What dead ones left is cleared away. */
export function findUnaware(folder: string, effects: Effects, generation: string): ProcessIdentity[] {
  return listNames(liveFolder(folder)).flatMap((name) => {
    const path = join(liveFolder(folder), name);
    if (!name.endsWith('.json')) return [];
    const live = readLiveFile(path);
    const stamp = stampOf(path);
    if (live === null || stamp === null) return []; // its process has just ended
    const state = effects.processes.liveness(live.process);
    const silent = effects.clock.nowMs() - stamp.changedMs > SILENCE_MS;
    if (state === 'dead' || (state === 'unknown' && silent)) {
      rmSync(path, { force: true });
      return [];
    }
    return live.generation === generation ? [] : [live.process];
  });
}

function readLiveFile(path: string): LiveFile | null {
  try {
    const value = JSON.parse(readTextIfThere(path) ?? '') as Partial<LiveFile> | null;
    return typeof value?.process?.pid === 'number' && typeof value.generation === 'string'
      ? (value as LiveFile)
      : null;
  } catch {
    return null;
  }
}

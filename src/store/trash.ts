import { mkdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Effects } from './effects.ts';
import { errorCode, listNames, removeTree } from './files.ts';
import { isFingerprint, trashFolder } from './layout.ts';

/** The room that it takes is given back after so long, or when so many folders wait. */
const EMPTY_AFTER_MS = 5_000;
const WAITING_MAX = 2_000;

/**
 * What publications leave behind: moved out of everybody's way at once, removed some at a time. ext4 without a
 * journal gives no inode away for a minute after it was freed and looks past each such one whenever it needs
 * another, so a removal a step would make every later file dearer; and a removal waits for the syncs of others.
 */
export class Trash {
  readonly #folder: string;
  readonly #effects: Effects;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(folder: string, effects: Effects) {
    this.#folder = trashFolder(folder);
    this.#effects = effects;
  }

  /** Moves a folder away, whole and at once. @throws as `rename` does, ENOENT where it is not there. */
  take(path: string): void {
    const away = join(this.#folder, `left-${basename(path).slice(0, 16)}-${this.#effects.randomHex(16)}`);
    try {
      renameSync(path, away);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      mkdirSync(this.#folder, { recursive: true });
      renameSync(path, away);
    }
    this.#waiting.push(away);
    if (this.#waiting.length >= WAITING_MAX) this.empty();
    else this.#timer ??= setTimeout(() => this.empty(), EMPTY_AFTER_MS).unref();
  }

  empty(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const folder of waiting) removeTree(folder);
  }
}

/** What processes that were killed had moved away; objects there are a collection's to remove, under their leases. */
export function emptyLeftTrash(folder: string): void {
  for (const name of listNames(trashFolder(folder)))
    if (!isFingerprint(name.slice(0, 64))) removeTree(join(trashFolder(folder), name));
}

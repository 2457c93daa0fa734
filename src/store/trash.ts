import { mkdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Effects } from './effects.ts';
import { errorCode, listNames, mapAtOnce, removeTree, removeTreeBeside } from './files.ts';
import { isFingerprint, trashFolder } from './layout.ts';

/** The room that it takes is given back after so long, or when so many folders wait. */
const EMPTY_AFTER_MS = 5_000;
const WAITING_MAX = 2_000;

/** What a folder in the trash can be again: `attempt` with nothing but a job in it, `lease` with that of a first epoch. */
export type Serves = 'attempt' | 'lease';

/**
 * What publications leave behind: moved out of everybody's way at once, to serve again or to be removed some at
 * a time. ext4 gives no inode away for seconds (without a journal, a minute) after it was freed and looks past
 * each such one whenever it needs another, so a removal a step would make every later file dearer; and mounted
 * with `discard` it waits for the disk at each folder.
 */
export class Trash {
  readonly #folder: string;
  readonly #effects: Effects;
  readonly #waiting: string[] = [];
  readonly #serving = { attempt: [] as string[], lease: [] as string[] };
  #timer: NodeJS.Timeout | null = null;
  #removal: Promise<unknown> = Promise.resolve();

  constructor(folder: string, effects: Effects) {
    this.#folder = trashFolder(folder);
    this.#effects = effects;
  }

  /** Moves a folder away, whole and at once. @throws as `rename` does, ENOENT where it is not there. */
  take(path: string, serves: Serves | null = null): void {
    const away = join(this.#folder, `left-${basename(path).slice(0, 16)}-${this.#effects.randomHex(16)}`);
    try {
      renameSync(path, away);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      mkdirSync(this.#folder, { recursive: true });
      renameSync(path, away);
    }
    const those = serves === null ? this.#waiting : this.#serving[serves];
    those.push(away);
    if (those.length >= WAITING_MAX) void this.empty();
    else this.#timer ??= setTimeout(() => void this.empty(), EMPTY_AFTER_MS).unref();
  }

  /**
   * Puts a folder that served before in the place of none, or of an empty one, once it is prepared. False
   * where there is none, or another process has removed it or was quicker.
   */
  reuse(serves: Serves, path: string, prepare: (folder: string) => void = () => {}): boolean {
    const folder = this.#serving[serves].pop();
    if (folder === undefined) return false;
    try {
      prepare(folder);
      renameSync(folder, path);
      return true;
    } catch {
      this.#waiting.push(folder);
      return false;
    }
  }

  /** Removes what waits, beside other work, and ends when nothing is being removed any more. What cannot be removed is left to the next process. */
  async empty(): Promise<void> {
    const removal = mapAtOnce(this.#takeAll(), (folder) => removeTreeBeside(folder).catch(() => {}));
    this.#removal = Promise.all([this.#removal, removal]);
    await this.#removal;
  }

  /** Removes what waits before anything else is done. */
  emptyNow(): void {
    for (const folder of this.#takeAll()) removeIfPossible(folder);
  }

  #takeAll(): readonly string[] {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { attempt, lease } = this.#serving;
    return [...this.#waiting.splice(0), ...attempt.splice(0), ...lease.splice(0)];
  }
}

function removeIfPossible(folder: string): void {
  try {
    removeTree(folder);
  } catch {
    // a file in it may not be removed: it is in nobody's way
  }
}

/** What processes that were killed had moved away; objects there are a collection's to remove, under their leases. */
export function emptyLeftTrash(folder: string): void {
  for (const name of listNames(trashFolder(folder)))
    if (!isFingerprint(name.slice(0, 64))) removeIfPossible(join(trashFolder(folder), name));
}

import { type BigIntStats, lstatSync, statSync } from 'node:fs';

/** What the file system says of a file without reading it: equal stamps mean equal content, once settled. */
export interface Stamp {
  /** Size, times of change of content and of the entry in nanoseconds, inode: compared as text. */
  readonly text: string;
  /** Size and time of change of the content alone. */
  readonly contentText: string;
  readonly kind: 'file' | 'folder' | 'other';
  readonly sizeBytes: number;
  /** The later one of both times, milliseconds since 1970. */
  readonly changedMs: number;
  readonly inode: bigint;
  /** The file system keeps whole seconds only, as far as this file shows. */
  readonly coarse: boolean;
}

const BIGINT = { bigint: true, throwIfNoEntry: false } as const;

/** null where there is nothing. A symbolic link is not followed. */
export function stampOf(path: string): Stamp | null {
  const stats = statOrNull(lstatSync, path);
  return stats && toStamp(stats);
}

/** Of what a symbolic link leads to; null where that is nothing. */
export function followedStampOf(path: string): Stamp | null {
  const stats = statOrNull(statSync, path);
  return stats && toStamp(stats);
}

/** The text of a stamp alone, for comparing; null where there is nothing. */
export function stampTextOf(path: string): string | null {
  const stats = statOrNull(lstatSync, path);
  return stats && textOf(stats);
}

/**
 * Clocks of file systems tick every 1 to 10 ms (Linux), or once in two seconds (FAT): of two changes
 * within a tick the second leaves no trace in the times.
 */
const GRAIN_MS = 25;
const COARSE_GRAIN_MS = 2_500;

/**
 * May this stamp, taken before the content was read, stand for the content? Only if the last change was
 * so long before that a change after the stamp must show; never for times in the future, which a
 * clock that jumped back leaves behind.
 */
export function isSettled(stamp: Stamp, takenMs: number): boolean {
  return takenMs - stamp.changedMs > (stamp.coarse ? COARSE_GRAIN_MS : GRAIN_MS);
}

function statOrNull(stat: typeof lstatSync, path: string): BigIntStats | null {
  try {
    return stat(path, BIGINT) ?? null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ENOENT' || code === 'ELOOP') return null;
    throw error;
  }
}

function toStamp(stats: BigIntStats): Stamp {
  return {
    text: textOf(stats),
    contentText: `${stats.size}:${stats.mtimeNs}`,
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
    sizeBytes: Number(stats.size),
    changedMs: Math.max(Number(stats.mtimeNs / 1_000_000n), Number(stats.ctimeNs / 1_000_000n)),
    inode: stats.ino,
    coarse: stats.ctimeNs % 1_000_000_000n === 0n,
  };
}

function textOf(stats: BigIntStats): string {
  return `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`;
}

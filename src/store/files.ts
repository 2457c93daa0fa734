import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fsync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdir,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Digest } from '../core/digest.ts';

const CHUNK_BYTES = 1 << 20;

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

/** Names in a folder; none where there is no folder. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** A file's text; null where there is none. */
export function readTextIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** Content that is whole or absent for readers; not synced: for what may be lost in a power cut. */
export function replaceFile(path: string, content: string, temporary: string): void {
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes over what a file that is there begins with, in one go. What is longer than before makes it longer;
 * nothing makes it shorter, as ext4 writes a file that was emptied to disk as soon as it is closed.
 */
export function overwriteFile(path: string, content: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

const fsyncAsync = promisify(fsync);
const rmdirAsync = promisify(rmdir);
const AT_ONCE = 32;
const syncing = { count: 0, waiting: [] as (() => void)[] };

/**
 * Makes a file's content, or the names in a folder, outlive a power cut. Only the wait is asynchronous:
 * opening costs less than a turn of the loop. Many publications wait together, for the file system gathers
 * simultaneous syncs into one; never more than some, as open files are few. Windows cannot open folders and
 * needs none of it.
 */
export async function syncToDisk(path: string, kind: 'file' | 'folder'): Promise<void> {
  const windows = process.platform === 'win32';
  if (windows && kind === 'folder') return;
  if (syncing.count >= AT_ONCE) await new Promise<void>((turn) => syncing.waiting.push(turn));
  else syncing.count++;
  try {
    const descriptor = openSync(path, windows ? 'r+' : 'r');
    try {
      await fsyncAsync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } finally {
    const next = syncing.waiting.shift(); // hands on its place
    if (next) next();
    else syncing.count--;
  }
}

/** Results in the order of the items; never more than some at a time, as open files are few. */
export async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  return results;
}

/** Removes a folder and all below it; one that is not there is no error. */
export function removeTree(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) removeTree(path);
      else unlinkSync(path);
    }
    rmdirSync(folder);
  } catch {
    // Somebody else removes or writes there too, or it is no folder: more patient, and slower.
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** As `removeTree`; folders, at which a disk may be waited for, go while other work is done. */
export async function removeTreeBeside(folder: string): Promise<void> {
  try {
    const { files, folders } = listTree(folder);
    for (const path of files) unlinkSync(`${folder}/${path}`);
    for (const path of folders.reverse()) await rmdirAsync(`${folder}/${path}`);
  } catch {
    removeTree(folder);
  }
}

/** All files below a folder, '/'-separated, and the folders that hold them ('' is the folder itself), unsorted. */
export function listTree(root: string): { readonly files: string[]; readonly folders: string[] } {
  const files: string[] = [];
  const folders: string[] = [''];
  for (let next = 0; next < folders.length; next++) {
    const prefix = folders[next];
    for (const entry of readdirSync(join(root, prefix), { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(`${prefix}${entry.name}/`);
      else files.push(prefix + entry.name);
    }
  }
  return { files, folders };
}

/** Above this, reading would hold up a live view. */
const SMALL_BYTES = 1 << 18;

export async function digestFile(path: string, sizeBytes: number): Promise<Digest> {
  if (sizeBytes <= SMALL_BYTES) return digestFileSync(path);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

let buffer: Buffer | null = null;

export function digestFileSync(path: string): Digest {
  buffer ??= Buffer.allocUnsafe(CHUNK_BYTES);
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'r');
  try {
    for (;;) {
      const bytesRead = readSync(descriptor, buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    closeSync(descriptor);
  }
}

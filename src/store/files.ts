import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Makes the names in a folder outlive a power cut. Windows cannot open folders and needs none of it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
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

export async function digestOpenFile(file: FileHandle): Promise<{ digest: Digest; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let buffer = Buffer.allocUnsafe(1 << 14); // most files are small; the second read is of a full chunk
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, sizeBytes);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
    if (bytesRead === buffer.length && buffer.length < CHUNK_BYTES) buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

export async function digestFile(path: string): Promise<Digest> {
  const file = await open(path, 'r');
  try {
    return (await digestOpenFile(file)).digest;
  } finally {
    await file.close();
  }
}

export function digestFileSync(path: string): Digest {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const bytesRead = readSync(file, buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    closeSync(file);
  }
}

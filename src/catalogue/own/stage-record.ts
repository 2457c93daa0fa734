import { readdirSync, readFileSync } from 'node:fs';
import type { CatalogueEntry } from '../../core/declaration.ts';
import { type Digest, digestBytes, digestOf } from '../../core/digest.ts';
import { byCodeUnit } from '../../core/json.ts';

/** What is kept of a bundled stage: all that was looked at to make it, so that it is made again when any of it changes. */
export interface StageRecord {
  readonly format: 2;
  /** What made it: clade's own code for such stages. */
  readonly maker: Digest;
  /** Absolute path → digest of a file's bytes, or of a folder's names; null for what is not there. */
  readonly looked: { readonly [path: string]: Digest | null };
  readonly entry: CatalogueEntry;
}

/** The entry, where nothing that it was made from has changed and its module is whole. */
export function readStageRecord(file: string, maker: Digest): CatalogueEntry | null {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as StageRecord;
    if (record.format !== 2 || record.maker !== maker) return null;
    if (lookAt(record.entry.module) !== record.entry.bundle) return null;
    const same = Object.entries(record.looked).every(([path, digest]) => lookAt(path) === digest);
    return same ? record.entry : null;
  } catch {
    return null; // absent, or cut off by a crash: it is made again
  }
}

/** The digest of a file's bytes or of the names in a folder; null where there is neither. */
export function lookAt(path: string): Digest | null {
  try {
    return digestBytes(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') return null;
    return digestOf('names', readdirSync(path).sort(byCodeUnit));
  }
}

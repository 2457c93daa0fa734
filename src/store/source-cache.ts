import type { Digest } from '../core/digest.ts';
import { type LineageIndex, recordIfPossible } from './lineage-index.ts';
import { checksumOf } from './object-entry.ts';

/** Path below a source → stamp and digest of the file when it was last read, for settled stamps only. */
export type KnownFiles = ReadonlyMap<string, { readonly stamp: string; readonly digest: Digest }>;

/** What is known of the files below a place, an absolute path; nothing where the row is damaged. */
export function readSourceCache(index: LineageIndex, place: string): KnownFiles {
  const row = index.get<{ files: string; checksum: number }>(
    'SELECT files, checksum FROM source_cache WHERE place = ?',
    place,
  );
  if (!row || checksumOf(place + row.files) !== row.checksum) return new Map();
  const files = JSON.parse(row.files) as [string, string, Digest][];
  return new Map(files.map(([path, stamp, digest]) => [path, { stamp, digest }]));
}

export function writeSourceCache(index: LineageIndex, place: string, files: KnownFiles): void {
  const text = JSON.stringify([...files].map(([path, { stamp, digest }]) => [path, stamp, digest]));
  recordIfPossible(() =>
    index.run(
      'INSERT OR REPLACE INTO source_cache (place, files, checksum) VALUES (?, ?, ?)',
      place,
      text,
      checksumOf(place + text),
    ),
  );
}

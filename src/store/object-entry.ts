import type { Metric, OutputFile } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import type { LineageIndex } from './lineage-index.ts';

/**
 * All that is needed to serve an object without reading any of its files, in one row of the index with
 * a checksum of its own: SQLite has none for its pages, and a digest with a flipped bit must not be served.
 */
export interface ObjectEntry {
  readonly outputs: readonly OutputFile[];
  readonly metrics: readonly Metric[];
  /** Of artifact.json itself. */
  readonly recordDigest: Digest;
  /** Stamps of the outputs in their order, then of artifact.json; null: look inside before trusting. */
  readonly stamps: readonly (string | null)[];
  /** The folders of the object, '' the first: an unlisted file in one of them shows in its stamp. */
  readonly folders: readonly { readonly path: string; readonly stamp: string | null }[];
}

type Packed = [
  outputs: [path: string, digest: Digest, sizeBytes: number][],
  metrics: readonly Metric[],
  recordDigest: Digest,
  stamps: readonly (string | null)[],
  folders: [path: string, stamp: string | null][],
];

/** null where there is none, or only a damaged one. */
export function readEntry(index: LineageIndex, fingerprint: Digest): ObjectEntry | null {
  const row = index.get<{ entry: string; checksum: number }>(
    'SELECT entry, checksum FROM entries WHERE fingerprint = ?',
    fingerprint,
  );
  if (!row || checksumOf(fingerprint + row.entry) !== row.checksum) return null;
  const [outputs, metrics, recordDigest, stamps, folders] = JSON.parse(row.entry) as Packed;
  return {
    outputs: outputs.map(([path, digest, sizeBytes]) => ({ path, digest, sizeBytes })),
    metrics,
    recordDigest,
    stamps,
    folders: folders.map(([path, stamp]) => ({ path, stamp })),
  };
}

export function writeEntry(index: LineageIndex, fingerprint: Digest, entry: ObjectEntry): void {
  const packed: Packed = [
    entry.outputs.map(({ path, digest, sizeBytes }) => [path, digest, sizeBytes]),
    entry.metrics,
    entry.recordDigest,
    entry.stamps,
    entry.folders.map(({ path, stamp }) => [path, stamp]),
  ];
  const text = JSON.stringify(packed);
  index.run(
    'INSERT OR REPLACE INTO entries (fingerprint, entry, checksum) VALUES (?, ?, ?)',
    fingerprint,
    text,
    checksumOf(fingerprint + text),
  );
}

export function deleteEntry(index: LineageIndex, fingerprint: Digest): void {
  index.run('DELETE FROM entries WHERE fingerprint = ?', fingerprint);
}

/** FNV-1a over UTF-16 units, 32 bits: against rot, not against people. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function checksumOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

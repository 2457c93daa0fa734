import { join } from 'node:path';
import { type Digest, digestBytes } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import { parseArtifactRecord } from './artifact-record.ts';
import { errorCode, listNames, listTree, readTextIfThere } from './files.ts';
import { readRemovedRecords } from './gc/removed-records.ts';
import { indexObject, stateOf, withdrawObject } from './index-object.ts';
import { ARTIFACT_FILE, isFingerprint, objectFolder, objectsFolder, runsFolder } from './layout.ts';
import type { LineageIndex } from './lineage-index.ts';
import { objectWithFiles } from './read-objects.ts';
import { reindexRun } from './reindex-run.ts';
import { stampOf } from './stamp.ts';
import type { StoreContext } from './store-context.ts';

export interface Reindexed {
  readonly objects: number;
  readonly runs: number;
}

const TABLES = [
  'objects',
  'codes',
  'outputs',
  'inputs',
  'sources',
  'metrics',
  'runs',
  'run_steps',
  'attempts',
  'entries',
  'source_cache',
  'folder_stamps',
];

/** Makes the index anew from objects/ and runs/. Contents are not read: each object is looked into before it is served. */
export function reindex(context: StoreContext): Reindexed {
  return context.index.transaction(() => {
    for (const table of TABLES) context.index.run(`DELETE FROM ${table}`);
    let objects = 0;
    for (const shard of listNames(objectsFolder(context.folder)))
      objects += indexUnknownObjects(context, shard);
    indexRemovedObjects(context);
    resolveUpstream(context.index);
    let runs = 0;
    for (const id of listNames(runsFolder(context.folder)).sort()) runs += reindexRun(context, id) ? 1 : 0;
    failpoint('reindex-before-commit');
    return { objects, runs };
  });
}

/** Which object an input was read from is in no file: where it is not known, one with the same files stands for it. */
export function resolveUpstream(index: LineageIndex): void {
  type Member = { readonly fingerprint: Digest; readonly input: string; readonly member: number };
  const unknown = index.all<Member>(
    'SELECT DISTINCT fingerprint, input, member FROM inputs WHERE upstream IS NULL',
  );
  for (const { fingerprint, input, member } of unknown) {
    const files = index.all<{ path: string; digest: Digest }>(
      'SELECT path, digest FROM inputs WHERE fingerprint = ? AND input = ? AND member = ?',
      fingerprint,
      input,
      member,
    );
    const from = objectWithFiles(index, files);
    if (from === null) continue;
    index.run(
      'UPDATE inputs SET upstream = ? WHERE fingerprint = ? AND input = ? AND member = ?',
      from,
      fingerprint,
      input,
      member,
    );
  }
}

/** Records the objects of one shard that have no row. @returns how many. */
export function indexUnknownObjects(context: StoreContext, shard: string): number {
  const { index } = context;
  const known = new Set(
    index
      .all<{ fingerprint: string }>(
        `SELECT fingerprint FROM objects WHERE fingerprint >= ? AND fingerprint < ? AND state = 'published'`,
        shard,
        `${shard}g`, // after every hexadecimal digit
      )
      .map(({ fingerprint }) => fingerprint),
  );
  let recorded = 0;
  index.transaction(() => {
    for (const fingerprint of listNames(join(objectsFolder(context.folder), shard))) {
      if (isFingerprint(fingerprint) && !known.has(fingerprint) && indexIfThere(context, fingerprint))
        recorded++;
    }
  });
  return recorded;
}

/** Of what `clade gc` took and nobody has made again, lineage goes on to tell. */
function indexRemovedObjects(context: StoreContext): void {
  const { index } = context;
  for (const record of readRemovedRecords(context)) {
    const { fingerprint, outputs, metrics } = record;
    if (stateOf(index, fingerprint) !== null) continue;
    const entry = { outputs, metrics, recordDigest: '', stamps: [], folders: [] };
    const publishedAt = new Date(Date.parse(record.startedAt) + record.durationMs).toISOString();
    indexObject(index, { record, entry, publishedAt, upstream: null });
    withdrawObject(index, fingerprint, 'removed');
  }
}

/** False also where a collection moves it away meanwhile. */
function indexIfThere(context: StoreContext, fingerprint: string): boolean {
  try {
    return indexFromFiles(context, fingerprint);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return false;
  }
}

/** False where the record is not sound: such an object is dealt with when it is asked for. */
function indexFromFiles(context: StoreContext, fingerprint: string): boolean {
  const folder = objectFolder(context.folder, fingerprint);
  const text = readTextIfThere(join(folder, ARTIFACT_FILE));
  const parsed = parseArtifactRecord(text ?? '');
  if (text === null || 'problem' in parsed || parsed.record.fingerprint !== fingerprint) return false;
  const { record } = parsed;
  indexObject(context.index, {
    record,
    entry: {
      outputs: record.outputs,
      metrics: record.metrics,
      recordDigest: digestBytes(text),
      stamps: [...record.outputs.map(() => null), null],
      folders: listTree(folder).folders.map((path) => ({ path, stamp: null })),
    },
    publishedAt: new Date(stampOf(folder)?.changedMs ?? 0).toISOString(),
    upstream: null,
  });
  return true;
}

import type { ArtifactRecord, OutputFile } from '../core/artifact.ts';
import { type Digest, digestBytes } from '../core/digest.ts';
import { canonicalJson, type Json } from '../core/json.ts';
import { parseArtifactRecord } from './artifact-record.ts';
import { digestFileSync, errorCode, listTree, readTextIfThere } from './files.ts';
import { indexObject, stateOf, withdrawObject } from './index-object.ts';
import { ARTIFACT_FILE, objectFolder } from './layout.ts';
import { recordIfPossible } from './lineage-index.ts';
import { type ObjectEntry, readEntry, writeEntry } from './object-entry.ts';
import { type DamagedFile, quarantineObject, quarantineStranger } from './quarantine.ts';
import { isSettled, type Stamp, stampOf, stampTextOf } from './stamp.ts';
import { nowIso, type StoreContext } from './store-context.ts';
import { StoredObject } from './stored-object.ts';

export type Found =
  | { readonly status: 'sound'; readonly object: StoredObject }
  /** `removed`: it was there, and `clade gc` took it. */
  | { readonly status: 'absent'; readonly removed?: true }
  /** It was there and cannot be served; what was left of it is in quarantine/ now. */
  | { readonly status: 'damaged'; readonly damaged: readonly DamagedFile[] };

/** As a person reads it: `said.txt: changed, n.csv: missing`. */
export function tellDamage(damaged: readonly DamagedFile[]): string {
  return damaged.map(({ path, problem }) => `${path}: ${problem}`).join(', ');
}

/**
 * Is there a sound object? Nothing is read where every stamp is what it was when the content was last
 * seen right; where one differs, or was taken too soon after a change, the content decides.
 *
 * @param paths the files that somebody is about to read; null for whoever wants the object.
 */
export function findObject(
  context: StoreContext,
  fingerprint: Digest,
  paths: ReadonlySet<string> | null = null,
): Found {
  const entry = readEntry(context.index, fingerprint);
  const folder = objectFolder(context.folder, fingerprint);
  if (entry !== null && (paths ? areUntouched(folder, entry, paths) : isUntouched(folder, entry))) {
    return { status: 'sound', object: new StoredObject(fingerprint, folder, entry) };
  }
  return verifyObject(context, fingerprint, entry);
}

/** As `findObject`, but stamps prove nothing: every byte is read. */
export function verifyObjectFully(context: StoreContext, fingerprint: Digest): Found {
  const entry = readEntry(context.index, fingerprint);
  return verifyObject(context, fingerprint, entry && { ...entry, stamps: [], folders: [] });
}

/** Of some of its outputs. */
function areUntouched(
  folder: string,
  { outputs, stamps }: ObjectEntry,
  paths: ReadonlySet<string> | null,
): boolean {
  for (let at = 0; at < outputs.length; at++) {
    if (paths !== null && !paths.has(outputs[at].path)) continue;
    if (stamps[at] === null || stampTextOf(`${folder}/${outputs[at].path}`) !== stamps[at]) return false;
  }
  return true;
}

function isUntouched(folder: string, entry: ObjectEntry): boolean {
  const { outputs, stamps, folders } = entry;
  if (!areUntouched(folder, entry, null)) return false;
  const last = stamps[outputs.length];
  if (last === null || stampTextOf(`${folder}/${ARTIFACT_FILE}`) !== last) return false;
  return folders.every(({ path, stamp }) => stamp !== null && stampTextOf(`${folder}/${path}`) === stamp);
}

function verifyObject(context: StoreContext, fingerprint: Digest, entry: ObjectEntry | null): Found {
  const folder = objectFolder(context.folder, fingerprint);
  const stamp = stampOf(folder);
  if (stamp === null) return vanished(context, fingerprint, entry);
  let inspected: Inspection;
  try {
    inspected = inspectObject({ folder, fingerprint, entry, nowMs: context.effects.clock.nowMs() });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return verifyObject(context, fingerprint, null); // moved away while we looked: look again
  }
  if (inspected.damaged.length > 0) {
    if (stampOf(folder) === null) return verifyObject(context, fingerprint, null); // so was its last file
    if (!context.readOnly) {
      quarantineObject(context, fingerprint, { damaged: inspected.damaged, inode: stamp.inode });
      recordIfPossible(() => withdrawObject(context.index, fingerprint, 'quarantined'));
    }
    return { status: 'damaged', damaged: inspected.damaged };
  }
  const { record, entry: seen, strangers } = inspected.sound!;
  if (!context.readOnly) {
    for (const path of strangers) quarantineStranger(context, fingerprint, path);
    recordIfPossible(() => {
      const known =
        entry?.recordDigest === seen.recordDigest && stateOf(context.index, fingerprint) === 'published';
      if (known)
        writeEntry(context.index, fingerprint, strangers.length === 0 ? seen : withoutFolderStamps(seen));
      else indexObject(context.index, { record, entry: seen, publishedAt: nowIso(context), upstream: null });
    });
  }
  return { status: 'sound', object: new StoredObject(fingerprint, folder, record, record) };
}

function withoutFolderStamps(entry: ObjectEntry): ObjectEntry {
  return { ...entry, folders: entry.folders.map(({ path }) => ({ path, stamp: null })) };
}

/** Told once; afterwards the fingerprint is one that was never made, or is not here any more. */
function vanished(context: StoreContext, fingerprint: Digest, entry: ObjectEntry | null): Found {
  const state = stateOf(context.index, fingerprint);
  if (state !== 'published')
    return state === 'removed' ? { status: 'absent', removed: true } : { status: 'absent' };
  if (!context.readOnly) recordIfPossible(() => withdrawObject(context.index, fingerprint, 'missing'));
  const paths = entry?.outputs.map(({ path }) => path) ?? [];
  return {
    status: 'damaged',
    damaged: [...paths, ARTIFACT_FILE].map((path) => ({ path, problem: 'missing' })),
  };
}

interface Inspection {
  readonly damaged: readonly DamagedFile[];
  readonly sound: {
    readonly record: ArtifactRecord;
    readonly entry: ObjectEntry;
    readonly strangers: readonly string[];
  } | null;
}

/** Compares what lies in an object's folder with its record; digests only what no settled stamp vouches for. */
function inspectObject(of: {
  readonly folder: string;
  readonly fingerprint: Digest;
  readonly entry: ObjectEntry | null;
  readonly nowMs: number;
}): Inspection {
  const { folder, fingerprint, entry, nowMs } = of;
  const recordStamp = stampOf(`${folder}/${ARTIFACT_FILE}`);
  const text = recordStamp?.kind === 'file' ? readTextIfThere(`${folder}/${ARTIFACT_FILE}`) : null;
  if (text === null) return unsound(ARTIFACT_FILE, 'missing');
  const recordDigest = digestBytes(text);
  const parsed = parseArtifactRecord(text);
  const known = entry === null || recordDigest === entry.recordDigest;
  if (!known && ('problem' in parsed || !isOfAnotherExecution(text, parsed.record, entry)))
    return unsound(ARTIFACT_FILE, 'changed');
  if ('problem' in parsed) return unsound(ARTIFACT_FILE, parsed.problem);
  const { record } = parsed;
  if (record.fingerprint !== fingerprint) return unsound(ARTIFACT_FILE, 'is of another fingerprint');

  const settled = (stamp: Stamp) => (isSettled(stamp, nowMs) ? stamp.text : null);
  const folders: { path: string; stamp: string | null }[] = [];
  const tree = listTree(folder);
  for (const path of tree.folders) folders.push({ path, stamp: settled(stampOf(`${folder}/${path}`)!) });
  const listed = new Set([ARTIFACT_FILE, ...record.outputs.map(({ path }) => path)]);
  const damaged: DamagedFile[] = [];
  const stamps = record.outputs.map((output, at) => {
    const stamp = stampOf(`${folder}/${output.path}`);
    const problem = problemOf(output, stamp, { folder, vouched: (known && entry?.stamps[at]) || null });
    if (problem !== null) damaged.push({ path: output.path, problem });
    return stamp && settled(stamp);
  });
  if (damaged.length > 0) return { damaged, sound: null };
  stamps.push(settled(recordStamp!));
  const seen: ObjectEntry = {
    outputs: record.outputs,
    metrics: record.metrics,
    recordDigest,
    stamps,
    folders,
  };
  const strangers = tree.files.filter((path) => !listed.has(path));
  return { damaged, sound: { record, entry: seen, strangers } };
}

/**
 * The artifact was made again, and the index is one from before (put back from a copy, say): the record is whole, and
 * nothing that is served is other than the index knows it.
 */
function isOfAnotherExecution(text: string, record: ArtifactRecord, entry: ObjectEntry): boolean {
  const served = ({ outputs, metrics }: Pick<ObjectEntry, 'outputs' | 'metrics'>) =>
    canonicalJson([outputs, metrics] as unknown as Json);
  const asWritten = record.format === 2 && text === `${JSON.stringify(record, null, 1)}\n`; // to the last byte
  return asWritten && served(record) === served(entry);
}

function problemOf(
  { path, digest, sizeBytes }: OutputFile,
  stamp: Stamp | null,
  { folder, vouched }: { readonly folder: string; readonly vouched: string | null },
): string | null {
  if (stamp === null) return 'missing';
  if (stamp.kind !== 'file') return 'is not a regular file';
  if (stamp.sizeBytes !== sizeBytes) return `has ${stamp.sizeBytes} bytes instead of ${sizeBytes}`;
  if (stamp.text === vouched || digestFileSync(`${folder}/${path}`) === digest) return null;
  return 'changed';
}

function unsound(path: string, problem: string): Inspection {
  return { damaged: [{ path, problem }], sound: null };
}

import { lstatSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkpointNumber, decodeCheckpointManifest } from '../core/checkpoint-format.ts';
import { type Digest, digestBytes } from '../core/digest.ts';
import { canonicalJson, type Json } from '../core/json.ts';
import { isSoundCheckpoint, listAttempts } from './attempts.ts';
import { errorCode, listNames, listTree, readTextIfThere, removeTree } from './files.ts';
import { verifyObjectFully } from './find-object.ts';
import {
  ARTIFACT_FILE,
  isFingerprint,
  objectFolder,
  objectsFolder,
  runFolder,
  shardOf,
  stepFolderName,
} from './layout.ts';
import { inspectIndexFile } from './open-index.ts';
import { readObject, readRecord } from './read-objects.ts';
import { reindex } from './reindex.ts';
import type { StoreContext } from './store-context.ts';
import type { StoredObject } from './stored-object.ts';
import { findRunDamage } from './verify-runs.ts';

/** One thing that is not as it was written. */
export interface Finding {
  readonly kind: 'object' | 'index' | 'link' | 'checkpoint' | 'run';
  /** Fingerprint, run, or attempt; the index's file. */
  readonly name: string;
  /** The step that made it, where it is known. */
  readonly stepId: string | null;
  /** Within it; null for the whole. */
  readonly path: string | null;
  readonly problem: string;
  /** What puts it right. */
  readonly repair: string;
}

export interface Verification {
  readonly objects: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly checkpoints: number;
  readonly links: number;
  readonly findings: readonly Finding[];
}

export interface VerifyRequest {
  /** Only these objects; everything where left out. */
  readonly fingerprints?: readonly Digest[];
  /** Told after each object. */
  readonly progress?: (done: number, total: number) => void;
}

const RERUN = 'the next run moves it to quarantine/ and makes it again; --repair moves it now';

/**
 * Reads every byte of objects and checkpoints, whatever stamps say, and compares objects, index and the
 * links of runs with one another. A store opened to be read is only looked at; in one opened for
 * writing, damaged objects go to quarantine/, damaged checkpoints are removed, and the index is rebuilt.
 */
export function verifyStore(
  context: StoreContext,
  { fingerprints, progress }: VerifyRequest = {},
): Verification {
  const findings: Finding[] = [];
  const count = { objects: 0, files: 0, sizeBytes: 0, checkpoints: 0, links: 0 };
  const whole = fingerprints === undefined;
  const ofIndex = whole ? verifyIndexFile(context) : [];
  if (whole) findings.push(...ofIndex, ...misplaced(context));
  const wanted = fingerprints ?? allFingerprints(context, ofIndex.length === 0);
  wanted.forEach((fingerprint, at) => {
    findings.push(...verifyOne(context, fingerprint, count));
    progress?.(at + 1, wanted.length);
  });
  if (whole) {
    findings.push(
      ...verifyLinks(context, count),
      ...verifyCheckpoints(context, count),
      ...verifyRuns(context),
    );
    if (!context.readOnly && findings.some(({ kind }) => kind === 'index')) reindex(context);
  }
  return { ...count, findings };
}

type Count = { -readonly [key in Exclude<keyof Verification, 'findings'>]: number };

function verifyOne(context: StoreContext, fingerprint: Digest, count: Count): Finding[] {
  const stepId = readObject(context.index, fingerprint)?.stepId ?? null;
  const about = { kind: 'object' as const, name: fingerprint, stepId };
  const folder = objectFolder(context.folder, fingerprint);
  const strangers = strangersIn(folder);
  const found = verifyObjectFully(context, fingerprint);
  if (found.status === 'absent' && found.removed) return []; // by clade gc: no damage
  if (found.status === 'absent') {
    return [
      { ...about, path: null, problem: 'missing', repair: 'the next run that needs it makes it again' },
    ];
  }
  count.objects++;
  if (found.status === 'damaged') {
    return found.damaged.map(({ path, problem }) => ({ ...about, path, problem, repair: RERUN }));
  }
  const { object } = found;
  count.files += object.outputs.length + 1;
  count.sizeBytes += object.outputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return [
    ...strangers(object).map((path) => ({
      ...about,
      path,
      problem: 'is listed in no record',
      repair: '--repair moves it to quarantine/',
    })),
    ...compareWithIndex(context, object, about),
  ];
}

/** What lies in an object's folder now, to be compared with its record later: a repair may move it meanwhile. */
function strangersIn(folder: string): (object: StoredObject) => string[] {
  let files: string[] = [];
  try {
    ({ files } = listTree(folder));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
  }
  return ({ outputs }) => {
    const listed = new Set([ARTIFACT_FILE, ...outputs.map(({ path }) => path)]);
    return files.filter((path) => !listed.has(path));
  };
}

function compareWithIndex(
  { index }: StoreContext,
  { fingerprint, record }: StoredObject,
  about: Pick<Finding, 'name' | 'stepId'>,
): Finding[] {
  const differs = (path: string, problem: string): Finding => ({
    ...about,
    kind: 'index',
    path,
    problem,
    repair: 'clade reindex, or --repair',
  });
  const unreadable = index.get(
    `SELECT 1 FROM objects LEFT JOIN codes ON codes.digest = objects.code WHERE fingerprint = ?
       AND NOT (json_valid(record) AND json_valid(parameters) AND json_valid(coalesce(modules, '[]')))`,
    fingerprint,
  );
  if (unreadable) return [differs('objects', 'the index holds what is no JSON')];
  const recorded = readRecord(index, fingerprint);
  if (recorded === null) return [differs('objects', 'has no row in the index')];
  const rows = index.all<{ path: string; digest: Digest; sizeBytes: number }>(
    'SELECT path, digest, size_bytes AS sizeBytes FROM outputs WHERE fingerprint = ? ORDER BY path',
    fingerprint,
  );
  const digests = new Map(rows.map(({ path, digest }) => [path, digest]));
  const same = (a: unknown, b: unknown) => canonicalJson(a as Json) === canonicalJson(b as Json);
  return [
    ...(same(recorded, record)
      ? []
      : [differs('objects', `the index has another record than ${ARTIFACT_FILE}`)]),
    ...(rows.length === record.outputs.length &&
    record.outputs.every(({ path, digest }) => digests.get(path) === digest)
      ? []
      : [differs('outputs', 'the index has other digests than the record')]),
  ];
}

/** @param indexSound else it may name objects that there never were. */
function allFingerprints({ folder, index }: StoreContext, indexSound: boolean): Digest[] {
  const there = listNames(objectsFolder(folder)).flatMap((shard) =>
    listNames(join(objectsFolder(folder), shard)).filter(
      (name) => isFingerprint(name) && shardOf(name) === shard,
    ),
  );
  if (!indexSound) return there.sort();
  const recorded = index.all<{ fingerprint: Digest }>(
    `SELECT fingerprint FROM objects WHERE state = 'published'`,
  );
  return [...new Set([...there, ...recorded.map(({ fingerprint }) => fingerprint)])].sort();
}

/** Names below objects/ that no object can have: they are served to nobody. */
function misplaced({ folder }: StoreContext): Finding[] {
  return listNames(objectsFolder(folder)).flatMap((shard) =>
    listNames(join(objectsFolder(folder), shard))
      .filter((name) => !isFingerprint(name) || shardOf(name) !== shard)
      .map((name) => ({
        kind: 'object' as const,
        name: `objects/${shard}/${name}`,
        stepId: null,
        path: null,
        problem: 'is no place of an object',
        repair: 'remove it: nothing is read from there',
      })),
  );
}

function verifyIndexFile({ folder }: StoreContext): Finding[] {
  return inspectIndexFile(folder).map(({ file, problem }) => ({
    kind: 'index',
    name: basename(file),
    stepId: null,
    path: null,
    problem,
    repair: 'the next run rebuilds it from the folders; --repair does now',
  }));
}

/** A run's links must lead where lineage says that its steps' artifacts are. */
function verifyLinks({ folder, index }: StoreContext, count: Count): Finding[] {
  const findings: Finding[] = [];
  for (const { id, seq } of index.all<{ id: string; seq: number }>('SELECT id, seq FROM runs ORDER BY seq')) {
    const steps = join(runFolder(folder, id), 'steps');
    if (!isRealFolder(steps)) continue; // it shows the links of another run, or has none
    const rows = index.all<{ stepId: string; fingerprint: Digest }>(
      'SELECT step_id AS stepId, fingerprint FROM run_steps WHERE run_seq = ? AND fingerprint IS NOT NULL',
      seq,
    );
    for (const { stepId, fingerprint } of rows) {
      const target = linkTarget(join(steps, stepFolderName(stepId, digestBytes)));
      if (target === null) continue;
      count.links++;
      if (target === fingerprint) continue;
      findings.push({
        kind: 'link',
        name: id,
        stepId,
        path: `runs/${id}/steps/${stepFolderName(stepId, digestBytes)}`,
        problem: `leads to ${target.slice(0, 16)} instead of ${fingerprint.slice(0, 16)}`,
        repair: 'run the pipeline again: the new run has links of its own',
      });
    }
  }
  return findings;
}

function verifyRuns(context: StoreContext): Finding[] {
  return findRunDamage(context).map(({ runId, file, problem }) => ({
    kind: 'run',
    name: runId,
    stepId: null,
    path: `runs/${runId}/${file}`,
    problem,
    repair: `its artifacts are not touched by it; to forget the run, remove runs/${runId} and call clade reindex`,
  }));
}

function verifyCheckpoints(context: StoreContext, count: Count): Finding[] {
  return listAttempts(context).flatMap((attempt) =>
    listNames(join(attempt.folder, 'checkpoint')).flatMap((name): Finding[] => {
      if (checkpointNumber(name) === null) return [];
      const place = join(attempt.folder, 'checkpoint', name);
      const manifest = decodeCheckpointManifest(readTextIfThere(join(place, 'manifest.json')) ?? '');
      count.checkpoints++;
      if (manifest !== null && isSoundCheckpoint(place, manifest.fingerprint)) return [];
      if (!isRealFolder(place)) return []; // its worker has replaced it meanwhile
      if (!context.readOnly) removeTree(place);
      const repair = 'the next run passes it over; --repair removes it';
      return [
        {
          kind: 'checkpoint',
          name: attempt.id,
          stepId: null,
          path: `checkpoint/${name}`,
          problem: 'changed',
          repair,
        },
      ];
    }),
  );
}

function isRealFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function linkTarget(link: string): string | null {
  try {
    return basename(readlinkSync(link));
  } catch {
    return null; // no link there: the system refuses links, or the folder was copied without
  }
}

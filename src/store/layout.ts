import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';

/** Where things lie below the artifacts folder; nothing here touches the disk. */
export const ARTIFACT_FILE = 'artifact.json';
export const JOB_FILE = 'job.json';

export const objectsFolder = (folder: string) => join(folder, 'objects');
export const attemptsFolder = (folder: string) => join(folder, 'attempts');
export const runsFolder = (folder: string) => join(folder, 'runs');
export const namesFolder = (folder: string) => join(folder, 'names');
export const leasesFolder = (folder: string) => join(folder, 'leases');
export const quarantineFolder = (folder: string) => join(folder, 'quarantine');
export const pinsFolder = (folder: string) => join(folder, 'pins');
export const gcFolder = (folder: string) => join(folder, 'gc');
/** One empty file a fingerprint that is to go. */
export const condemnedFolder = (folder: string) => join(folder, 'gc', 'condemned');
/** One file a process that uses objects. */
export const liveFolder = (folder: string) => join(folder, 'gc', 'live');
/** The records of objects that `clade gc` took, spread like these. */
export const removedFolder = (folder: string) => join(folder, 'gc', 'removed');
export const trashFolder = (folder: string) => join(folder, 'gc', 'trash');

/** Objects are spread over 256 folders by the first two digits, as large folders are slow to list. */
export const shardOf = (fingerprint: Digest) => fingerprint.slice(0, 2);
export const objectFolder = (folder: string, fingerprint: Digest) =>
  join(folder, 'objects', shardOf(fingerprint), fingerprint);
export const namesFile = (folder: string, fingerprint: Digest) => join(folder, 'names', `${fingerprint}.csv`);
export const runFolder = (folder: string, runId: string) => join(folder, 'runs', runId);

export const isFingerprint = (name: string) => /^[0-9a-f]{64}$/.test(name);

/** What an attempt's id has of its fingerprint. */
export const startOf = (fingerprint: Digest) => fingerprint.slice(0, 16);

/**
 * An attempt's id says which run made it, a number within that run, and the start of its fingerprint,
 * so that the attempts of a fingerprint are found by a listing alone.
 */
export function attemptId(runId: string, number: number, fingerprint: Digest): string {
  return `${runId}-${number}-${startOf(fingerprint)}`;
}

export function isAttemptOf(id: string, fingerprint: Digest): boolean {
  return id.endsWith(`-${startOf(fingerprint)}`);
}

/** The run and the start of the fingerprint in an attempt's id; null for other names. */
export function parseAttemptId(
  id: string,
): { readonly runId: string; readonly fingerprintStart: string } | null {
  const match = /^(.+)-\d+-([0-9a-f]{16})$/.exec(id);
  return match && { runId: match[1], fingerprintStart: match[2] };
}

/** Where an attempt's log goes when the attempt ends. */
export const endedAttemptLog = (folder: string, attempt: string) =>
  join(folder, 'runs', parseAttemptId(attempt)?.runId ?? 'unknown', 'logs', `${attempt}.jsonl`);

const NAME_BYTES_MAX = 200;

/**
 * A step's id as a folder's name: the id itself wherever file systems allow it; other characters as
 * `%XX`, and an id that is too long cut, with a digest so that two never share a name.
 */
export function stepFolderName(stepId: string, digest: (text: string) => Digest): string {
  const name = stepId.replace(/[\u0000-\u001f/\\:*?"<>|%]|^\.|[. ]$/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name;
  return `${Buffer.from(name)
    .subarray(0, 120)
    .toString('utf8')
    .replace(/\ufffd+$/, '')}~${digest(stepId).slice(0, 12)}`;
}

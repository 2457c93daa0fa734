import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRecord, OutputFile } from '../core/artifact.ts';
import { failpoint } from '../core/failpoint.ts';
import { fail } from '../core/failure.ts';
import type { Clock } from './effects.ts';
import { digestFile, listTree, mapAtOnce, syncToDisk } from './files.ts';
import { ARTIFACT_FILE } from './layout.ts';
import { isSettled, stampOf } from './stamp.ts';

/**
 * Makes everything in `work/` read-only, then durable, then checks it against the record, in this order:
 * what is digested cannot change any more without a trace. @returns stamps as `ObjectEntry` has them, and
 * the folders.
 */
export async function sealWork(
  work: string,
  record: ArtifactRecord,
  clock: Clock,
): Promise<{ readonly stamps: (string | null)[]; readonly folders: readonly string[] }> {
  const tree = listTree(work);
  const listed = new Map<string, OutputFile | null>(record.outputs.map((output) => [output.path, output]));
  listed.set(ARTIFACT_FILE, null);
  const unlisted = tree.files.find((path) => !listed.has(path));
  if (unlisted !== undefined)
    fail('worker-died', `the result of ${record.stepId} does not list its file ${unlisted}`);
  // All at once: the file system gathers simultaneous syncs into one.
  const [stamps] = await Promise.all([
    mapAtOnce([...listed], async ([path, output]) => {
      await makeLasting(join(work, path));
      return lookInside(join(work, path), output, clock);
    }),
    mapAtOnce(tree.folders, (path) => syncToDisk(join(work, path), 'folder')),
  ]);
  return { stamps, folders: tree.folders };
}

async function makeLasting(path: string): Promise<void> {
  if (stampOf(path)?.kind !== 'file') fail('worker-died', `${path} is listed in the result and is not there`);
  if (process.platform !== 'win32') chmodSync(path, 0o444);
  failpoint('publish-mid-seal');
  await syncToDisk(path, 'file');
  if (process.platform === 'win32') chmodSync(path, 0o444); // a read-only file cannot be opened for syncing there
}

async function lookInside(path: string, expected: OutputFile | null, clock: Clock): Promise<string | null> {
  const takenMs = clock.nowMs();
  const stamp = stampOf(path);
  if (stamp === null) fail('worker-died', `${path} is not there any more`);
  if (expected !== null) {
    const digest = stamp.sizeBytes === expected.sizeBytes ? await digestFile(path, stamp.sizeBytes) : null;
    if (digest !== expected.digest) fail('worker-died', `${path} is not what the result says`);
  }
  return isSettled(stamp, takenMs) ? stamp.text : null;
}

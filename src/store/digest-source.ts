import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { FileDigests } from '../core/artifact.ts';
import { type Failure, fail, toFailure } from '../core/failure.ts';
import { byCodeUnit } from '../core/json.ts';
import { digestFile, errorCode, mapAtOnce } from './files.ts';
import { type KnownFiles, readSourceCache, writeSourceCache } from './source-cache.ts';
import { followedStampOf, isSettled } from './stamp.ts';
import type { StoreContext } from './store-context.ts';

export interface SourcePlace {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

export type DigestedSource =
  | { readonly ok: true; readonly digests: FileDigests }
  | { readonly ok: false; readonly failure: Failure };

/**
 * The digest of every file of a source, by its path below it ('' for a source that is a file): regular
 * files whose names, and whose folders' names, do not start with a dot; symbolic links count as what
 * they lead to. Only what changed since the last look is read. Fails with missing-source where it is
 * not there or cannot be read, source-changed where a file would not keep still.
 */
export async function digestSource(context: StoreContext, source: SourcePlace): Promise<DigestedSource> {
  try {
    const top = followedStampOf(source.path);
    if (top === null || top.kind !== source.kind) {
      const what = top === null ? 'there is nothing' : `that is no ${source.kind}`;
      fail('missing-source', `expected a ${source.kind} at ${source.path}, but ${what}`);
    }
    const paths = source.kind === 'file' ? [''] : listSource(source.path);
    return { ok: true, digests: await digestPaths(context, source.path, paths) };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT' || code === 'EIO') {
      const message = `cannot read the source ${source.path}: ${(error as Error).message}`;
      return { ok: false, failure: { reason: 'missing-source', message } };
    }
    return { ok: false, failure: toFailure(error) };
  }
}

/** Files below a folder source, '/'-separated, sorted by code unit. */
export function listSource(root: string): string[] {
  const paths: string[] = [];
  visit('', [realpathSync(root)]);
  return paths.sort(byCodeUnit);

  function visit(prefix: string, above: readonly string[]): void {
    for (const entry of readdirSync(join(root, prefix), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = prefix + entry.name;
      const kind = entry.isSymbolicLink() ? followedStampOf(join(root, path))?.kind : kindOf(entry);
      if (kind === 'file') paths.push(path);
      if (kind !== 'folder') continue;
      const real = entry.isSymbolicLink()
        ? realpathSync(join(root, path))
        : join(above[above.length - 1], entry.name);
      if (!above.includes(real)) visit(`${path}/`, [...above, real]); // a link upwards would go round for ever
    }
  }
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): 'file' | 'folder' | 'other' {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}

async function digestPaths(
  context: StoreContext,
  root: string,
  paths: readonly string[],
): Promise<FileDigests> {
  const known = readSourceCache(context.index, root);
  const digests: { [path: string]: string } = {};
  const now: Map<string, { stamp: string; digest: string }> = new Map();
  const unknown: string[] = [];
  for (const path of paths) {
    const seen = known.get(path);
    const stamp = seen && followedStampOf(fileAt(root, path));
    digests[path] = ''; // keeps the order, whichever digest comes first
    if (seen && stamp?.text === seen.stamp) {
      digests[path] = seen.digest;
      now.set(path, seen);
    } else unknown.push(path);
  }
  await mapAtOnce(unknown, async (path) => {
    const { digest, settled } = await digestStill(context, fileAt(root, path));
    digests[path] = digest;
    if (settled !== null) now.set(path, { stamp: settled, digest });
  });
  if (!context.readOnly && !sameKnown(known, now)) writeSourceCache(context.index, root, now);
  return digests;
}

function fileAt(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`;
}

function sameKnown(a: KnownFiles, b: KnownFiles): boolean {
  return a.size === b.size && [...b].every(([path, file]) => a.get(path) === file);
}

const TRIES = 3;

/** The digest of a file that did not change while it was read, and its stamp if that may stand for it. */
async function digestStill(
  { effects }: StoreContext,
  path: string,
): Promise<{ readonly digest: string; readonly settled: string | null }> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const takenMs = effects.clock.nowMs();
    const before = followedStampOf(path);
    const digest = await digestFile(path, before?.sizeBytes ?? 0);
    if (before !== null && followedStampOf(path)?.text === before.text) {
      return { digest, settled: isSettled(before, takenMs) ? before.text : null };
    }
  }
  return fail('source-changed', `${path} changes while it is read`);
}

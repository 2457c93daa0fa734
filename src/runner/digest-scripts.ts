import { readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { FileDigests } from '../core/artifact.ts';
import { ExpectedFailure } from '../core/failure.ts';
import { byCodeUnit } from '../core/json.ts';
import type { StepSource } from '../core/plan.ts';
import { digestScript } from '../core/script-digest.ts';
import type { RunStore } from './run-store.ts';
import { importCandidates } from './script-imports.ts';

/** Where the names of a source's files start: of the kind `code` the folder above its place, else itself. */
export function folderOfSource({ path, place }: StepSource): string {
  return place === undefined ? path : join(path, ...place.split('/').map(() => '..'));
}

/**
 * The files of a source of the kind `code` by their places: itself, and all that scripts take in from
 * beside them, through any number of others, each by what it means (`core/script-digest`); of a folder all
 * files below it, by their bytes.
 * @throws ExpectedFailure missing-source.
 */
export async function digestScripts(source: StepSource, store: RunStore): Promise<FileDigests> {
  const { path, place = '' } = source;
  const entry = await stat(path).catch(() => null);
  if (entry?.isDirectory()) {
    const files = await digest(store, { path, kind: 'folder' });
    return Object.fromEntries(Object.entries(files).map(([name, one]) => [`${place}/${name}`, one]));
  }
  const folder = folderOfSource(source);
  const digests: { [path: string]: string } = {};
  const open = [place];
  const seen = new Set(open);
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const at = join(folder, file);
    const ofBytes = (await digest(store, { path: at, kind: 'file' }))[''];
    const bytes = IS_SCRIPT.test(file) ? await readFile(at) : null;
    digests[file] = bytes ? digestScript(file, bytes) : ofBytes;
    const text = bytes ? bytes.toString('utf8') : '';
    for (const candidate of importCandidates(file, text, posix.dirname(place))) {
      if (seen.has(candidate) || candidate.startsWith('..') || candidate.startsWith('/')) continue;
      seen.add(candidate);
      if ((await stat(join(folder, candidate)).catch(() => null))?.isFile()) open.push(candidate);
    }
  }
  return Object.fromEntries(Object.entries(digests).sort(([a], [b]) => byCodeUnit(a, b)));
}

const IS_SCRIPT = /\.(py|r|sh|bash)$/i;

async function digest(
  store: RunStore,
  source: { path: string; kind: 'folder' | 'file' },
): Promise<FileDigests> {
  const result = await store.digestSource(source);
  if (!result.ok) throw new ExpectedFailure(result.failure);
  return result.digests;
}

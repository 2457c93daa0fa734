import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactRecord, ITEMS_FILE, type Item, type Job, type JobOutcome } from '../core/artifact.ts';
import type { Failure } from '../core/failure.ts';

/**
 * How an attempt, or a part of one, ended, from the files it left: `work/artifact.json` (`items.json` where
 * items were asked for), or `failure.json`; null for neither.
 */
export async function collectResult({ folder: attemptFolder, part }: Job): Promise<JobOutcome | null> {
  const items = part.kind === 'items' ? readJson<Item[]>(join(attemptFolder, ITEMS_FILE)) : null;
  if (items) return { status: 'itemised', items };
  const record = readJson<ArtifactRecord>(join(attemptFolder, 'work', 'artifact.json'));
  if (record) return { status: 'succeeded', record };
  const failure = readJson<Failure>(join(attemptFolder, 'failure.json'));
  return failure ? { status: 'failed', failure } : null;
}

function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return null; // absent, or cut off by a crash: no result
  }
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRecord, JobOutcome } from '../core/artifact.ts';
import type { Failure } from '../core/failure.ts';

/** How an attempt ended, from the files it left: `work/artifact.json`, or `failure.json`; null for neither. */
export async function collectResult(attemptFolder: string): Promise<JobOutcome | null> {
  const record = await readJson<ArtifactRecord>(join(attemptFolder, 'work', 'artifact.json'));
  if (record) return { status: 'succeeded', record };
  const failure = await readJson<Failure>(join(attemptFolder, 'failure.json'));
  return failure ? { status: 'failed', failure } : null;
}

async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return null; // absent, or cut off by a crash: no result
  }
}

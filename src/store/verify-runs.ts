import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestBytes } from '../core/digest.ts';
import { readTextIfThere } from './files.ts';
import { runFolder } from './layout.ts';
import type { StoreContext } from './store-context.ts';

/** A file of a run's own record that is not as the run left it. */
export interface RunDamage {
  readonly runId: string;
  /** In the run's folder. */
  readonly file: string;
  readonly problem: string;
}

/** Compares what lies in the folders of runs that came to their end with the index. */
export function findRunDamage({ folder, index }: StoreContext): RunDamage[] {
  const runs = index.all<{ id: string; textDigest: Digest }>(
    'SELECT id, text_digest AS textDigest FROM runs WHERE finished_at IS NOT NULL ORDER BY seq',
  );
  return runs.flatMap(({ id, textDigest }) => {
    const read = (file: string) => readTextIfThere(join(runFolder(folder, id), file));
    const problems = {
      'run.json': read('run.json') === null ? 'missing' : runFileProblem(read('run.json')!, id),
      'pipeline.yaml': pipelineProblem(join(runFolder(folder, id), 'pipeline.yaml'), textDigest),
      'events.jsonl': eventsProblem(read('events.jsonl')),
    };
    return Object.entries(problems).flatMap(([file, problem]) =>
      problem === null ? [] : [{ runId: id, file, problem }],
    );
  });
}

function runFileProblem(text: string, id: string): string | null {
  try {
    return (JSON.parse(text) as { id?: unknown }).id === id ? null : 'is of another run';
  } catch {
    return 'is not whole JSON';
  }
}

/** By its bytes: they need be no text. */
function pipelineProblem(path: string, digest: Digest): string | null {
  try {
    return digestBytes(readFileSync(path)) === digest ? null : 'changed';
  } catch {
    return 'missing';
  }
}

function eventsProblem(text: string | null): string | null {
  if (text === null) return 'missing';
  const lines = text.split('\n');
  if (lines.pop() !== '') return 'is cut';
  const events = lines.map(eventOf);
  const broken = events.indexOf(null);
  if (broken >= 0) return `line ${broken + 1} is not whole JSON`;
  return events.at(-1) === 'run-finished' ? null : 'is cut';
}

/** null for what is no event. */
function eventOf(line: string): string | null {
  try {
    return (JSON.parse(line) as { event: string }).event;
  } catch {
    return null;
  }
}

import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { digestBytes } from '../core/digest.ts';
import type { RunStatus, StepCounts } from '../core/events.ts';
import type { JsonObject } from '../core/json.ts';
import { endedAttemptLog, objectFolder, runFolder, runsFolder, stepFolderName } from './layout.ts';
import { systemProcesses } from './process-identity.ts';
import type { RunFile } from './run-record.ts';

/** What a run's folder says of itself, without the index: no lock, no version of a database can stand in the way. */
export interface RunHead {
  readonly id: string;
  readonly pipeline: string;
  readonly file: string;
  readonly points: readonly JsonObject[];
  readonly engine: string;
  readonly startedAt: string;
  readonly status: RunStatus | 'running' | 'unreadable';
  readonly counts: StepCounts | null;
  readonly durationMs: number | null;
  /** Why it cannot be shown. */
  readonly problem: string | null;
}

/** Ids of runs, newest first; none where there is no folder. */
export function listRunIds(folder: string): string[] {
  try {
    return readdirSync(runsFolder(folder))
      .filter((name) => /^\d{8}-\d{6}-/.test(name))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}

/** Files of one run that never change, and how it ended or stands. null where the run is gone. */
export function readRunHead(folder: string, id: string): RunHead | null {
  const blank = { id, pipeline: '?', file: '', points: [], engine: '', startedAt: '', counts: null };
  const unreadable = (problem: string): RunHead => ({
    ...blank,
    status: 'unreadable',
    durationMs: null,
    problem,
  });
  let run: RunFile;
  try {
    run = JSON.parse(readFileSync(join(runFolder(folder, id), 'run.json'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    return unreadable(`run.json of ${id} cannot be read: ${(error as Error).message}`);
  }
  if (run.format !== 1)
    return unreadable(`${id} was written by a newer clade (format ${run.format}; this one knows 1)`);
  const { pipeline, file, points, engine, startedAt } = run;
  return { id, pipeline, file, points, engine, startedAt, ...readRunEnd(folder, run), problem: null };
}

/** What a run was called with besides its file; of older ones nothing is known. */
export function readRunCall(folder: string, id: string): { set: readonly string[]; engine?: string } {
  try {
    const run = JSON.parse(readFileSync(join(runFolder(folder, id), 'run.json'), 'utf8')) as RunFile;
    return { set: run.called?.set ?? [], ...(run.called?.engine ? { engine: run.called.engine } : {}) };
  } catch {
    return { set: [] };
  }
}

const END_BYTES = 1024;

function readRunEnd(folder: string, run: RunFile): Pick<RunHead, 'status' | 'counts' | 'durationMs'> {
  const tail = readTail(runEventsFile(folder, run.id), END_BYTES)?.trimEnd().split('\n').at(-1) ?? '';
  if (tail.startsWith('{"event":"run-finished"')) {
    try {
      const { status, steps, durationMs } = JSON.parse(tail);
      return { status, counts: steps, durationMs };
    } catch {
      // written just now, and not yet to the end
    }
  }
  const dead = systemProcesses.liveness(run.process) === 'dead';
  return { status: dead ? 'interrupted' : 'running', counts: null, durationMs: null };
}

const PLANNED_BYTES = 1 << 20;

/** Ids of a run's steps in the order in which they were planned; none where its events are gone. */
export function readPlannedSteps(folder: string, id: string): string[] {
  const events = new LineFollower(runEventsFile(folder, id));
  const planned: string[] = [];
  for (let read = events.read(PLANNED_BYTES); read; read = read.atEnd ? null : events.read(PLANNED_BYTES)) {
    for (const line of read.lines) {
      if (line.startsWith('{"event":"step-planned"')) planned.push(JSON.parse(line).stepId);
      else if (planned.length > 0) return planned; // they come one after the other
    }
  }
  return planned;
}

export const runEventsFile = (folder: string, id: string) => join(runFolder(folder, id), 'events.jsonl');
export const objectPath = (folder: string, fingerprint: string, path: string) =>
  join(objectFolder(folder, fingerprint), path);

/** What a step made, by its readable name in the run where that is there, else as the object. */
export function madeFolder(
  folder: string,
  { runId, stepId, fingerprint }: { runId: string; stepId: string; fingerprint: string },
): string {
  const named = join(runFolder(folder, runId), 'steps', stepFolderName(stepId, digestBytes));
  return existsSync(named) ? named : objectFolder(folder, fingerprint);
}

/** Where an attempt's log may lie: while it runs, and when it has ended. */
export const attemptLogFiles = (folder: string, attempt: string): readonly string[] => [
  join(folder, 'attempts', attempt, 'log.jsonl'),
  endedAttemptLog(folder, attempt),
];
export const attemptProgressFile = (folder: string, attempt: string) =>
  join(folder, 'attempts', attempt, 'progress.jsonl');

/** The last bytes of a file as text; null where there is none. */
export function readTail(path: string, bytes: number): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a growing file of lines from where it was left; a line that is not ended yet waits. */
export class LineFollower {
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(readonly path: string) {}

  /** At most `bytes` more. @returns whole lines, and whether the end was reached; null where the file is gone. */
  read(bytes: number): { readonly lines: string[]; readonly atEnd: boolean } | null {
    let descriptor: number;
    try {
      descriptor = openSync(this.path, 'r');
    } catch {
      return null;
    }
    try {
      const buffer = Buffer.alloc(Math.min(bytes, Math.max(0, fstatSync(descriptor).size - this.#offset)));
      const count = readSync(descriptor, buffer, 0, buffer.length, this.#offset);
      this.#offset += count;
      const all = Buffer.concat([this.#rest, buffer.subarray(0, count)]);
      const end = all.lastIndexOf(10) + 1;
      this.#rest = all.subarray(end);
      const lines = all.toString('utf8', 0, end).split('\n');
      lines.pop();
      return { lines, atEnd: count < bytes };
    } finally {
      closeSync(descriptor);
    }
  }
}

import { join } from 'node:path';
import type { LogLine } from '../core/artifact.ts';
import type { RunEvent } from '../core/events.ts';
import { readTextIfThere } from './files.ts';
import { attemptsFolder, endedAttemptLog, runFolder } from './layout.ts';

/** What an attempt logged so far: where it lives, or where it was kept when it ended. */
export function readAttemptLog(folder: string, attempt: string): LogLine[] {
  const live = readTextIfThere(join(attemptsFolder(folder), attempt, 'log.jsonl'));
  return parseLines<LogLine>(live ?? readTextIfThere(endedAttemptLog(folder, attempt)) ?? '');
}

/** What a run told so far. */
export function readRunEvents(folder: string, runId: string): RunEvent[] {
  return parseLines<RunEvent>(readTextIfThere(join(runFolder(folder, runId), 'events.jsonl')) ?? '');
}

/** A last line that is cut off (by a crash, or because it is being written) is left out. */
function parseLines<Line>(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}

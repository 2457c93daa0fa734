import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { LogLine, Progress } from '../core/artifact.ts';

export interface AttemptLog {
  line(level: LogLine['level'], message: string, fields?: LogLine['fields']): void;
  progress(progress: Progress): void;
  close(): Promise<void>;
}

/** More often than this nobody can see it. */
const PROGRESS_INTERVAL_MS = 100;

/** `log.jsonl` and `progress.jsonl` of an attempt; progress also goes to `heard` at once. */
export function createAttemptLog(folder: string, heard: (progress: Progress) => void): AttemptLog {
  const lines = openLines(join(folder, 'log.jsonl'));
  const progressLines = openLines(join(folder, 'progress.jsonl'));
  let lastMs = 0;
  return {
    line(level, message, fields) {
      const line: LogLine = { at: new Date().toISOString(), level, message, ...(fields ? { fields } : {}) };
      lines.write(line);
    },
    progress(progress) {
      const nowMs = performance.now();
      if (progress.done < progress.total && nowMs - lastMs < PROGRESS_INTERVAL_MS) return;
      lastMs = nowMs;
      progressLines.write({ at: new Date().toISOString(), ...progress });
      heard(progress);
    },
    async close() {
      await Promise.all([lines.close(), progressLines.close()]);
    },
  };
}

/** A log that cannot be written (a full disk) must not bring down the work it tells of. */
function openLines(path: string) {
  let stream: WriteStream | null = null; // most stages that take a moment say nothing
  const open = () => {
    const opened = createWriteStream(path, { flags: 'a' });
    opened.on('error', () => {});
    return opened;
  };
  return {
    write(value: unknown) {
      stream ??= open();
      stream.write(`${JSON.stringify(value)}\n`);
    },
    async close() {
      if (stream === null) return;
      stream.end();
      await finished(stream).catch(() => {});
    },
  };
}

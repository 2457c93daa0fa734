import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import type { RunEvent } from '../core/events.ts';
import type { JsonObject } from '../core/json.ts';
import { readTextIfThere } from './files.ts';
import { finishRunRow, insertRun, insertRunSteps, type StepRow } from './index-run.ts';
import { runFolder } from './layout.ts';
import type { RunFile } from './run-record.ts';
import { stepsDigestOf } from './steps-digest.ts';
import type { StoreContext } from './store-context.ts';

/** Makes a run's rows anew from its run.json and events.jsonl. False where the folder is no run's. */
export function reindexRun(context: StoreContext, id: string): boolean {
  const folder = runFolder(context.folder, id);
  const run = readRunFile(join(folder, 'run.json'));
  if (run?.id !== id) return false;
  const { index } = context;
  index.transaction(() => {
    const known = index.get<{ seq: number }>('SELECT seq FROM runs WHERE id = ?', id);
    if (known) {
      index.run('DELETE FROM run_steps WHERE run_seq = ?', known.seq);
      index.run('DELETE FROM runs WHERE seq = ?', known.seq);
    }
    const seq = insertRun(index, run);
    const { verdicts, end, attempts } = foldEvents(readEvents(join(folder, 'events.jsonl')));
    const withParams = verdicts.map((row) => ({
      ...row,
      step: { ...row.step, params: paramsOf(row.fingerprint) },
    }));
    insertRunSteps(index, seq, { first: 0, verdicts: withParams });
    for (const attempt of attempts) {
      index.run(
        `INSERT OR REPLACE INTO attempts (id, run_id, step_id, fingerprint, started_at, ended_at, outcome, failure)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        attempt.id,
        id,
        attempt.stepId,
        attempt.fingerprint,
        attempt.startedAt,
        attempt.endedAt,
        attempt.outcome,
        attempt.failure,
      );
    }
    if (end) {
      const { status, steps, durationMs, at } = end;
      finishRunRow(index, seq, {
        status,
        steps,
        durationMs,
        finishedAt: at,
        stepsDigest: stepsDigestOf(verdicts),
      });
    }
  });
  return true;

  /** Those that entered the fingerprint; paths, and what only says how to compute, were in the lost row alone. */
  function paramsOf(fingerprint: Digest | null): JsonObject | null {
    const row = index.get<{ parameters: string }>(
      'SELECT parameters FROM objects WHERE fingerprint = ?',
      fingerprint,
    );
    return row ? (JSON.parse(row.parameters) as JsonObject) : null;
  }
}

/** Every whole line; a line cut off by a crash is left out. */
export function readEvents(path: string): RunEvent[] {
  const events: RunEvent[] = [];
  for (const line of (readTextIfThere(path) ?? '').split('\n')) {
    if (line === '') continue;
    try {
      const event = JSON.parse(line) as RunEvent;
      if (typeof event?.event === 'string') events.push(event);
    } catch {
      // the last one before a kill, or a damaged one: the others still tell
    }
  }
  return events;
}

interface FoldedAttempt {
  readonly id: string;
  readonly stepId: string;
  readonly fingerprint: Digest;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string;
  readonly failure: string | null;
}

function foldEvents(events: readonly RunEvent[]) {
  const planned = new Map<string, Extract<RunEvent, { event: 'step-planned' }>>();
  const started = new Map<string, Extract<RunEvent, { event: 'step-started' }>>();
  const attempts = new Map<string, FoldedAttempt>();
  const verdicts: StepRow[] = [];
  let end: Extract<RunEvent, { event: 'run-finished' }> | null = null;

  for (const event of events) {
    switch (event.event) {
      case 'step-planned':
        planned.set(event.stepId, event);
        break;
      case 'step-started': {
        started.set(event.stepId, event);
        const { attempt: id, stepId, fingerprint, at: startedAt } = event;
        attempts.set(id, {
          id,
          stepId,
          fingerprint,
          startedAt,
          endedAt: null,
          outcome: 'running',
          failure: null,
        });
        break;
      }
      case 'step-reused':
        verdicts.push({
          ...row(event.stepId),
          verdict: 'reused',
          fingerprint: event.fingerprint,
          reasons: [],
        });
        break;
      case 'step-finished': {
        const { stepId, fingerprint, attempt, durationMs } = event;
        verdicts.push({ ...row(stepId), verdict: 'executed', fingerprint, attempt, durationMs });
        endAttempt(attempt, event.at, { outcome: 'published', failure: null });
        break;
      }
      case 'step-failed': {
        const { stepId, attempt, reason, message } = event;
        verdicts.push({ ...row(stepId), verdict: 'failed', attempt, failure: { reason, message } });
        if (attempt !== null) endAttempt(attempt, event.at, { outcome: 'failed', failure: reason });
        break;
      }
      case 'step-skipped':
        verdicts.push({ ...row(event.stepId), verdict: 'skipped' });
        break;
      case 'run-finished':
        end = event;
        break;
    }
  }
  return { verdicts, end, attempts: [...attempts.values()] };

  function row(stepId: string) {
    const plan = planned.get(stepId);
    const start = started.get(stepId);
    return {
      step: {
        id: stepId,
        key: stepId.split('@')[0],
        uses: plan?.uses ?? '',
        point: plan?.point ?? {},
        params: null,
      },
      fingerprint: start?.fingerprint ?? null,
      attempt: null,
      reasons: start?.reasons ?? [],
      failure: null,
      durationMs: 0,
    };
  }

  function endAttempt(id: string, endedAt: string, how: { outcome: string; failure: string | null }): void {
    const attempt = attempts.get(id);
    if (attempt) attempts.set(id, { ...attempt, endedAt, ...how });
  }
}

function readRunFile(path: string): RunFile | null {
  try {
    const run = JSON.parse(readTextIfThere(path) ?? '') as Partial<RunFile> | null;
    const whole =
      typeof run?.id === 'string' && typeof run.pipeline === 'string' && typeof run.startedAt === 'string';
    return whole && Array.isArray(run.points) ? (run as RunFile) : null;
  } catch {
    return null;
  }
}

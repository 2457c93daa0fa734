import type { Metric } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import type { RunStatus, StaleReason, StepCounts } from '../core/events.ts';
import type { FailureReason } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import { type LineageIndex, parseColumn, type SqlValue } from './lineage-index.ts';
import type { ProcessIdentity, ProcessTable } from './process-identity.ts';
import { readMetrics } from './read-objects.ts';

export interface RunRow {
  readonly id: string;
  readonly pipeline: string;
  readonly file: string;
  readonly textDigest: Digest;
  readonly points: readonly JsonObject[];
  /** The sweep's name; null where it has none. */
  readonly sweep: string | null;
  readonly engine: string;
  readonly versions: { readonly [name: string]: string };
  readonly process: ProcessIdentity;
  /** `running` only while its process lives; without one it is interrupted, whatever the row says. */
  readonly status: RunStatus | 'running';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  readonly counts: StepCounts;
}

export interface RunStepRow {
  readonly stepId: string;
  readonly key: string;
  readonly stage: string;
  readonly point: JsonObject;
  /** null where the index was rebuilt and the step left no object. */
  readonly params: JsonObject | null;
  readonly fingerprint: Digest | null;
  readonly verdict: 'executed' | 'reused' | 'failed' | 'skipped';
  readonly reasons: readonly StaleReason[];
  readonly failure: FailureReason | null;
  readonly message: string | null;
  readonly attempt: string | null;
  readonly durationMs: number | null;
  readonly metrics: readonly Metric[];
}

export interface RunFilter {
  readonly pipeline?: string;
  /** The sweep's name. */
  readonly sweep?: string;
  readonly limit?: number;
}

/** Newest first. */
export function listRuns(index: LineageIndex, processes: ProcessTable, filter: RunFilter = {}): RunRow[] {
  const { pipeline, sweep, limit = -1 } = filter;
  const wanted = Object.entries({ pipeline, sweep }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const where = wanted.map(([column]) => `${column} = ?`).join(' AND ');
  const values = wanted.map(([, value]) => value);
  return selectRuns(
    index,
    processes,
    `${where === '' ? '' : `WHERE ${where}`} ORDER BY seq DESC LIMIT ?`,
    ...values,
    limit,
  );
}

/**
 * Runs that `latest`, an id, a sweep's name or the start of an id means: several for a start that is too
 * short. A sweep's name means the newest run of it.
 */
export function findRuns(index: LineageIndex, processes: ProcessTable, wanted: string): RunRow[] {
  if (wanted === 'latest') return selectRuns(index, processes, 'ORDER BY seq DESC LIMIT 1');
  const exact = selectRuns(index, processes, 'WHERE id = ?', wanted);
  if (exact.length > 0 || wanted === '') return exact;
  const ofSweep = selectRuns(index, processes, 'WHERE sweep = ? ORDER BY seq DESC LIMIT 1', wanted);
  if (ofSweep.length > 0) return ofSweep;
  return selectRuns(index, processes, 'WHERE substr(id, 1, ?) = ? ORDER BY seq DESC', wanted.length, wanted);
}

/** All steps of a run in the order in which they settled, with the metrics of their objects. */
export function readRunSteps(index: LineageIndex, runId: string): RunStepRow[] {
  return index.read(() => selectRunSteps(index, runId));
}

function selectRunSteps(index: LineageIndex, runId: string): RunStepRow[] {
  const run = index.get<{ seq: number; stepsOf: number | null }>(
    'SELECT seq, steps_of AS stepsOf FROM runs WHERE id = ?',
    runId,
  );
  if (!run) return [];
  const rows = index.all<{ [column in keyof RunStepRow]: string } & { durationMs: number | null }>(
    `SELECT step_id AS stepId, key, stage, point, params, fingerprint, verdict, reasons, failure, message, attempt,
       duration_ms AS durationMs FROM run_steps WHERE run_seq = ? ORDER BY ordinal`,
    run.stepsOf ?? run.seq,
  );
  return rows.map((row) => {
    const step = {
      ...row,
      point: parseColumn(row.point),
      params: row.params === null ? null : parseColumn(row.params),
      reasons: parseColumn(row.reasons),
      metrics: row.fingerprint === null ? [] : readMetrics(index, row.fingerprint),
    } as RunStepRow;
    if (run.stepsOf === null) return step;
    return { ...step, verdict: 'reused', reasons: [], attempt: null, durationMs: 0 }; // it stands on another run's rows
  });
}

/** The newest run that has an artifact, and the step that it is of there; null where none does. */
export function findPlace(
  index: LineageIndex,
  fingerprint: Digest,
): { readonly runId: string; readonly stepId: string } | null {
  const place = index.get<{ runId: string; stepId: string }>(
    `SELECT runs.id AS runId, step_id AS stepId FROM run_steps JOIN runs ON seq = run_seq
       WHERE fingerprint = ? AND verdict IN ('executed', 'reused') ORDER BY run_seq DESC LIMIT 1`,
    fingerprint,
  );
  return place ?? null;
}

/** How long the executions of a stage took, newest first, milliseconds: what a new one may cost. */
export function readDurations(index: LineageIndex, stage: string, limit = 20): number[] {
  return index
    .all<{ durationMs: number }>(
      `SELECT duration_ms AS durationMs FROM objects WHERE stage = ? AND step_id NOT LIKE '%/%' ORDER BY rowid DESC LIMIT ?`, // items of mapped steps have a '/' in their name
      stage,
      limit,
    )
    .map(({ durationMs }) => durationMs);
}

function selectRuns(
  index: LineageIndex,
  processes: ProcessTable,
  where: string,
  ...values: SqlValue[]
): RunRow[] {
  type Row = { [column in keyof Omit<RunRow, 'counts' | 'finishedAt'>]: string } & StepCounts & {
      seq: number;
      finishedAt: string | null;
      durationMs: number | null;
    };
  const select = () =>
    index
      .all<Row>(
        `SELECT seq, id, pipeline, file, text_digest AS textDigest, points, sweep, engine, versions, process, status,
         started_at AS startedAt, finished_at AS finishedAt, duration_ms AS durationMs,
         total, executed, reused, failed, skipped FROM runs ${where}`,
        ...values,
      )
      .map(({ seq, total, executed, reused, failed, skipped, ...row }) => {
        const process = parseColumn<ProcessIdentity>(row.process);
        const ended = row.status === 'running' && processes.liveness(process) === 'dead';
        return {
          ...row,
          points: parseColumn(row.points),
          versions: parseColumn(row.versions),
          process,
          status: ended ? 'interrupted' : row.status,
          counts:
            row.finishedAt === null ? countSettled(index, seq) : { total, executed, reused, failed, skipped },
        } as RunRow;
      });
  return index.read(select);
}

/** Of a run that is on, or was killed: what was recorded of it so far. */
function countSettled(index: LineageIndex, seq: number): StepCounts {
  const counts = { total: 0, executed: 0, reused: 0, failed: 0, skipped: 0 };
  const rows = index.all<{ verdict: RunStepRow['verdict']; count: number }>(
    'SELECT verdict, count(*) AS count FROM run_steps WHERE run_seq = ? GROUP BY verdict',
    seq,
  );
  for (const { verdict, count } of rows) {
    counts[verdict] = count;
    counts.total += count;
  }
  return counts;
}

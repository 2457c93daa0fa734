import type { Digest } from '../core/digest.ts';
import type { RunStatus, StepCounts } from '../core/events.ts';
import type { LineageIndex } from './lineage-index.ts';
import type { RunFile, StepVerdict } from './run-record.ts';

/** @returns the run's number in the index. */
export function insertRun(index: LineageIndex, run: RunFile): number {
  index.run(
    `INSERT OR REPLACE INTO runs (id, pipeline, file, text_digest, points, sweep, engine, versions, process, status, started_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?)`,
    run.id,
    run.pipeline,
    run.file,
    run.textDigest,
    JSON.stringify(run.points),
    run.sweep ?? null,
    run.engine,
    JSON.stringify(run.versions),
    JSON.stringify(run.process),
    run.startedAt,
  );
  return index.get<{ seq: number }>('SELECT seq FROM runs WHERE id = ?', run.id)!.seq;
}

/** A step's row in a run: a verdict, with what only the runner knows left open when it comes from events. */
export type StepRow = Omit<StepVerdict, 'step'> & {
  readonly step: Omit<StepVerdict['step'], 'params'> & {
    readonly params: StepVerdict['step']['params'] | null;
  };
};

export function insertRunSteps(
  index: LineageIndex,
  seq: number,
  { first, verdicts }: { readonly first: number; readonly verdicts: readonly StepRow[] },
): void {
  index.transaction(() => {
    verdicts.forEach(({ step, verdict, fingerprint, attempt, reasons, failure, durationMs }, at) => {
      index.run(
        `INSERT OR REPLACE INTO run_steps (run_seq, step_id, ordinal, key, stage, point, params, fingerprint,
           verdict, reasons, failure, message, attempt, duration_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        seq,
        step.id,
        first + at,
        step.key,
        step.uses,
        JSON.stringify(step.point),
        step.params && JSON.stringify(step.params),
        fingerprint,
        verdict,
        JSON.stringify(reasons),
        failure?.reason ?? null,
        failure?.message ?? null,
        attempt,
        durationMs,
      );
    });
  });
}

export interface Twin {
  readonly id: string;
  readonly seq: number;
  /** The run whose rows it stands on itself. */
  readonly stepsOf: number | null;
}

/** The run before, if its steps had the same artifacts. */
export function findTwin(index: LineageIndex, seq: number, stepsDigest: Digest): Twin | null {
  const last = index.get<Twin & { readonly stepsDigest: string | null }>(
    `SELECT id, seq, steps_of AS stepsOf, steps_digest AS stepsDigest FROM runs
     WHERE seq < ? ORDER BY seq DESC LIMIT 1`,
    seq,
  );
  return last?.stepsDigest === stepsDigest ? last : null;
}

/** Lets a run that did nothing new stand on the rows of another. */
export function shareRunSteps(index: LineageIndex, seq: number, twin: Twin): void {
  index.run('UPDATE runs SET steps_of = ? WHERE seq = ?', twin.stepsOf ?? twin.seq, seq);
}

export interface RunEnd {
  readonly status: RunStatus;
  readonly steps: StepCounts;
  readonly durationMs: number;
  /** ISO 8601. */
  readonly finishedAt: string;
  readonly stepsDigest: Digest | null;
}

export function finishRunRow(index: LineageIndex, seq: number, end: RunEnd): void {
  const { total, executed, reused, failed, skipped } = end.steps;
  index.run(
    `UPDATE runs SET status = ?, finished_at = ?, duration_ms = ?, total = ?, executed = ?, reused = ?,
       failed = ?, skipped = ?, steps_digest = ? WHERE seq = ?`,
    end.status,
    end.finishedAt,
    end.durationMs,
    total,
    executed,
    reused,
    failed,
    skipped,
    end.stepsDigest,
    seq,
  );
}

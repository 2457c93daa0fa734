import type { Job, JobOutcome, Progress } from '../core/artifact.ts';

/** One attempt, ready to be executed: its job file is written. */
export interface Task {
  readonly attempt: string;
  readonly job: Job;
  readonly jobFile: string;
}

export interface Observation {
  readonly attempt: string;
  /** `gone`: not known to the executor any more; whether it left a result, `collect` says. */
  readonly state: 'pending' | 'running' | 'ended' | 'gone';
  readonly progress?: Progress;
  /** Where it runs, for people. */
  readonly node?: string;
}

/**
 * What executes attempts: processes on this machine, or a cluster's queue. The result files in the
 * attempt's folder are the only success; an executor only starts, watches and ends.
 * A token (a uuid, recorded before `submit`) names a batch, so that a runner that lost its connection
 * or was restarted finds it again.
 */
export interface Executor {
  readonly name: string;
  /** How many tasks it can usefully hold at once. */
  readonly slots: number;
  submit(batch: readonly Task[], token: string): Promise<void>;
  /** Is a batch of this token known? */
  find(token: string): Promise<boolean>;
  /** A failed poll is 'unknown', never a failed task. */
  poll(token: string): Promise<readonly Observation[] | 'unknown'>;
  /** Asks the tasks to end, then makes them. */
  cancel(token: string): Promise<void>;
  /** The result left in the attempt's folder; null where there is none. */
  collect(task: Task): Promise<JobOutcome | null>;
  /** Resolves when something of this token may have changed: at once on this machine, after an interval elsewhere. */
  changed(token: string): Promise<void>;
  /** Process that works on an attempt, where it is on this machine: a lease names it. */
  workerPid(attempt: string): number | null;
  close(): Promise<void>;
}

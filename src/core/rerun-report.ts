import type { Digest } from './digest.ts';
import type { StaleReason } from './events.ts';
import type { Failure } from './failure.ts';

export interface RerunDifference {
  /** In the artifact. */
  readonly path: string;
  /** How it differs, and where first. */
  readonly problem: string;
}

/** What `clade verify --rerun` found of one artifact. */
export interface RerunResult {
  readonly runId: string;
  /** Of an item of a mapped step, with its key. */
  readonly stepId: string;
  readonly fingerprint: Digest;
  readonly status:
    | 'equal'
    | 'differs'
    /** The stored one is not what was published. */
    | 'damaged'
    /** What decides it is not what it was, or cannot be told: nothing was executed. */
    | 'refused'
    | 'failed';
  /** How many files were compared. */
  readonly files: number;
  /** Of `differs` and `damaged`. */
  readonly differences: readonly RerunDifference[];
  /** Of `refused`: what has changed. */
  readonly reasons: readonly StaleReason[];
  /** Of `failed`, and of `refused` where a source is not there. */
  readonly failure: Failure | null;
}

export interface RerunReport {
  readonly status: 'equal' | 'differs' | 'incomplete' | 'interrupted';
  readonly results: readonly RerunResult[];
}

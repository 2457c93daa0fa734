import type { LineageChange, RunStatus } from './events.ts';

/** How one expectation came out at one step, or at several along an axis. */
export interface CheckResult {
  /** What was looked at: `evaluate@seed=0 test.acc`. */
  readonly title: string;
  /** `updated`: it failed, and `--update` wrote what was found as the golden value. */
  readonly status: 'passed' | 'failed' | 'updated';
  /** Ids of the steps looked at. */
  readonly steps: readonly string[];
  /** Where the expectation is written. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly got: string;
  /** Where values differ, one a line. */
  readonly details: readonly string[];
  /** Of a failed one: the newest earlier run in which it held; null where there is none. */
  readonly lastHeld: { readonly runId: string; readonly startedAt: string } | null;
  /** How many earlier runs were looked at. */
  readonly earlierRuns: number;
  /** What changed since it last held, first causes first. */
  readonly changes: readonly LineageChange[];
}

/** Something that `--update` wrote. */
export interface GoldenUpdate {
  /** The file written: the pipeline's, or a golden file. */
  readonly file: string;
  /** Of the pipeline's: the line, and what stood there. */
  readonly line: number | null;
  readonly from: string | null;
  readonly to: string;
}

/** What `clade test` tells. */
export interface TestReport {
  readonly pipeline: string;
  readonly file: string;
  readonly runId: string;
  /** How the run ended that made what was looked at. */
  readonly runStatus: RunStatus;
  /** `passed` where every check passed or was updated, and no step failed. */
  readonly status: 'passed' | 'failed';
  readonly durationMs: number;
  readonly counts: { readonly passed: number; readonly failed: number; readonly updated: number };
  readonly checks: readonly CheckResult[];
  readonly updates: readonly GoldenUpdate[];
  /** Why golden values could not be written. */
  readonly refusals: readonly string[];
}

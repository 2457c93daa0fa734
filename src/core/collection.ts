import type { Digest } from './digest.ts';

/** What is kept; ages in milliseconds, null for no limit. */
export interface Retention {
  /** So many of the newest runs of each pipeline. */
  readonly keepRuns: number | null;
  /** Runs that started later than so long ago. */
  readonly keepYoungerMs: number | null;
  /** All objects together, bytes: what was used longest ago goes until they fit. */
  readonly sizeMaxBytes: number | null;
  /** What no run refers to stays so long after it was made: a killed run's next one may want it. */
  readonly unreferencedMs: number;
  /** Checkpoints of attempts that never came to an end. */
  readonly checkpointMs: number;
  /** What was set aside as damaged. */
  readonly quarantineMs: number;
}

export interface Removal {
  readonly fingerprint: Digest;
  readonly stage: string;
  readonly stepId: string;
  readonly sizeBytes: number;
  /** What making it took. */
  readonly durationMs: number;
  /** The last run that used it; null for none. */
  readonly runId: string | null;
  readonly because: 'unreferenced' | 'run-not-kept' | 'size';
}

export interface Choice {
  readonly removals: readonly Removal[];
  readonly kept: { readonly objects: number; readonly sizeBytes: number; readonly runs: number };
  /** Making the removed ones again, milliseconds of computing. */
  readonly recomputeMs: number;
}

export interface Collection extends Choice {
  /** What of `removals` really went; none of it on a dry run. */
  readonly removed: readonly Removal[];
  /** What stays for now, because somebody makes or uses it. */
  readonly spared: readonly Removal[];
  /** Processes that had no time to answer: what they may use goes another time. */
  readonly waitedFor: readonly { readonly pid: number; readonly host: string }[];
  readonly checkpoints: Leftovers;
  readonly quarantine: Leftovers;
}

export interface Leftovers {
  readonly count: number;
  readonly sizeBytes: number;
}

import type { Metric, OutputFile } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import type { Expectation } from '../core/expectation.ts';

/** One thing to be held against what one step made, or several along an axis. */
export interface Check {
  readonly expectation: Expectation;
  /** What is looked at: `evaluate@seed=0 test.acc`. */
  readonly title: string;
  /** Ids of the steps looked at, each once; empty where the plan has no such point. */
  readonly steps: readonly string[];
}

/** What one step made in some run. */
export interface StepFacts {
  readonly fingerprint: Digest;
  readonly metrics: readonly Metric[];
  /** Absolute folder of the object. */
  readonly folder: string;
  readonly outputs: readonly OutputFile[];
}

/** Why there is nothing to look at. */
export interface MissingFacts {
  readonly missing: string;
}

export type FactsOf = (stepId: string) => StepFacts | MissingFacts;

export interface Verdict {
  readonly ok: boolean;
  readonly expected: string;
  readonly got: string;
  /** Further lines: where values differ. */
  readonly details: readonly string[];
  /** What was found where a golden value stands: a number, or a digest. */
  readonly measured?: number | string;
  /** The sample's standard deviation beside a measured mean. */
  readonly measuredSd?: number;
  /** Golden files that are not there or not equal: where each belongs, and what would be copied there. */
  readonly outdated?: readonly { readonly golden: string; readonly from: string }[];
}

/** What an inspection found of one file. */
export interface Finding {
  readonly ok: boolean;
  readonly got: string;
  readonly details?: readonly string[];
  readonly measured?: number | string;
}

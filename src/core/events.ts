import type { Metric } from './artifact.ts';
import type { FailureReason } from './failure.ts';
import type { JsonObject } from './json.ts';

export type RunStatus = 'succeeded' | 'failed' | 'interrupted';

export interface StepCounts {
  readonly total: number;
  readonly executed: number;
  readonly reused: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Why a step is to be executed: one named field, old → new where there is an earlier execution. */
export interface StaleReason {
  readonly code:
    | 'never-made'
    | 'stage-changed'
    | 'parameter-changed'
    | 'seed-changed'
    | 'code-changed'
    | 'engine-changed'
    | 'input-changed'
    | 'source-changed'
    | 'output-missing'
    | 'output-damaged'
    | 'output-removed'
    | 'forced'
    | 'depends-on';
  /** The parameter, input file, code module or source file; the upstream step for `depends-on`. */
  readonly field: string;
  readonly from?: string;
  readonly to?: string;
  /** `file:line` of a changed parameter. */
  readonly place?: string;
}

/** A field that differs between two objects of one step, or of what they were made from. */
export interface LineageChange extends StaleReason {
  /** The step it belongs to. */
  readonly stepId: string;
}

interface Base {
  /** ISO 8601. */
  readonly at: string;
  readonly runId: string;
}

/** Facts that the runner tells; only views format them. One JSON line each in `events.jsonl` and with `--json`. */
export type RunEvent =
  | (Base & {
      readonly event: 'run-started';
      readonly pipeline: string;
      readonly file: string;
      readonly engine: string;
      readonly workers: number;
      readonly steps: number;
      readonly points: number;
      /** The sweep's name, where it has one. */
      readonly sweep?: string;
      readonly notes: readonly string[];
    })
  | (Base & {
      readonly event: 'step-planned';
      readonly stepId: string;
      readonly uses: string;
      readonly point: JsonObject;
      readonly dependsOn: readonly string[];
    })
  | (Base & {
      readonly event: 'step-started';
      readonly stepId: string;
      readonly attempt: string;
      readonly fingerprint: string;
      readonly reasons: readonly StaleReason[];
      /** How many cores it was given; not said by older versions. */
      readonly threads?: number;
      /** The attempt whose checkpoint it goes on from. */
      readonly resumedFrom: string | null;
    })
  | (Base & {
      readonly event: 'step-progressed';
      readonly stepId: string;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      readonly values: { readonly [name: string]: number };
    })
  | (Base & {
      readonly event: 'step-reused';
      readonly stepId: string;
      readonly fingerprint: string;
      readonly metrics: readonly Metric[];
    })
  | (Base & {
      readonly event: 'step-finished';
      readonly stepId: string;
      readonly attempt: string;
      readonly fingerprint: string;
      readonly durationMs: number;
      readonly metrics: readonly Metric[];
      readonly notes: readonly string[];
      /** Of a mapped step: how many items it has, and how many of them were there already. */
      readonly items?: { readonly total: number; readonly reused: number };
    })
  | (Base & {
      readonly event: 'step-failed';
      readonly stepId: string;
      readonly attempt: string | null;
      readonly reason: FailureReason;
      readonly message: string;
      readonly logTail: readonly string[];
    })
  /** An attempt failed, and another will be made. */
  | (Base & {
      readonly event: 'step-retried';
      readonly stepId: string;
      readonly attempt: string | null;
      readonly reason: FailureReason;
      readonly message: string;
      readonly logTail: readonly string[];
      /** Which retry comes, from 1, of how many. */
      readonly retry: number;
      readonly retries: number;
      readonly afterMs: number;
    })
  | (Base & { readonly event: 'step-skipped'; readonly stepId: string; readonly because: string })
  | (Base & {
      readonly event: 'run-finished';
      readonly status: RunStatus;
      readonly steps: StepCounts;
      readonly durationMs: number;
    });

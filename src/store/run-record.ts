import type { Digest } from '../core/digest.ts';
import type { StaleReason } from '../core/events.ts';
import type { Failure } from '../core/failure.ts';
import type { Point, Step } from '../core/plan.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** What a run is started with. */
export interface RunDescription {
  /** The pipeline's name. */
  readonly pipeline: string;
  /** As the user named it. */
  readonly file: string;
  /** The pipeline file's text. */
  readonly text: string;
  readonly points: readonly Point[];
  /** The sweep's name; null or absent where it has none. */
  readonly sweep?: string | null;
  /** What `--set` and `--engine` said, so that it can be called again; absent where nothing was said. */
  readonly called?: { readonly set: readonly string[]; readonly engine?: string };
  /** The engine's name. */
  readonly engine: string;
  readonly versions: { readonly [name: string]: string };
}

/** `run.json`: what no event says, so that the index can be rebuilt. */
export interface RunFile extends Omit<RunDescription, 'text'> {
  readonly format: 1;
  readonly id: string;
  readonly textDigest: Digest;
  readonly startedAt: string;
  readonly process: ProcessIdentity;
}

/** How a step ended in a run. */
export interface StepVerdict {
  readonly step: Pick<Step, 'id' | 'key' | 'uses' | 'point' | 'params'>;
  readonly verdict: 'executed' | 'reused' | 'failed' | 'skipped';
  readonly fingerprint: Digest | null;
  readonly attempt: string | null;
  readonly reasons: readonly StaleReason[];
  readonly failure: Failure | null;
  readonly durationMs: number;
}

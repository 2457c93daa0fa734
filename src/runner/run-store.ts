import type { ArtifactRecord, FileDigests, Job, Metric, OutputFile } from '../core/artifact.ts';
import type { Digest } from '../core/digest.ts';
import type { StaleReason } from '../core/events.ts';
import type { Failure } from '../core/failure.ts';
import type { Step } from '../core/plan.ts';
import type { EarlierExecution } from './staleness.ts';

/** What the runner needs of the store: the seam that its tests fake. */
export interface RunStore {
  findObject(fingerprint: Digest): Found;
  digestSource(source: {
    path: string;
    kind: 'folder' | 'file';
  }): Promise<{ ok: true; digests: FileDigests } | { ok: false; failure: Failure }>;
  nearestExecution(of: { pipeline: string; stage: string | null; stepId: string }): EarlierExecution | null;
  /** The right to make an artifact; where a dead runner's worker had finished it, it is published now. */
  claim(
    fingerprint: Digest,
    runId: string,
  ): Promise<{ lease: Lease } | { heldBy: Holder } | { published: StoredObject }>;
  /** Resolves when the fingerprint may be free or published. */
  waitFor(fingerprint: Digest, signal: AbortSignal): Promise<void>;
  /** Looks at what a job is about to read. Not ok where something of it is damaged or gone. */
  markInputs(
    job: Pick<Job, 'part' | 'inputs' | 'fields'>,
  ): { readonly ok: true; readonly marks: Job['marks'] } | { readonly ok: false; readonly failure: Failure };
  /** What became of an input since its marks were taken; null for nothing. */
  changedInput(job: Job): Failure | null;
  createAttempt(of: { runId: string; stepId: string; fingerprint: Digest }): { id: string; folder: string };
  newestCheckpoint(fingerprint: Digest): { folder: string; attempt: string } | null;
  publish(attempt: { id: string; folder: string }, lease: Lease): Promise<Publication>;
  /** An attempt that left no artifact: kept for its log and checkpoint. */
  abandon(attempt: { id: string; folder: string }, failure: Failure): void;
  logTail(attempt: { id: string }): readonly string[];
  /** What the newest executions of a stage took, in milliseconds. */
  durations(stage: string): readonly number[];
}

export interface StoredObject {
  readonly fingerprint: Digest;
  readonly folder: string;
  readonly outputs: readonly OutputFile[];
  readonly metrics: readonly Metric[];
  /** All of artifact.json; may be read when asked for. */
  readonly record: ArtifactRecord;
}
export type Found =
  | { readonly status: 'sound'; readonly object: StoredObject }
  /** `removed`: it was there, and `clade gc` took it. */
  | { readonly status: 'absent'; readonly removed?: true }
  | {
      readonly status: 'damaged';
      readonly damaged: readonly { readonly path: string; readonly problem: string }[];
    };

export interface Lease {
  readonly fingerprint: Digest;
  readonly epoch: number;
  setWorker(pid: number): void;
  release(): void;
  /** Where the artifact is there already. */
  releasePublished(): void;
}
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly runId: string;
}
export type Publication =
  | { readonly ok: true; readonly object: StoredObject }
  | { readonly ok: false; readonly failure: Failure };

/** How a step ended in this run, for lineage. */
export interface StepVerdict {
  readonly step: Step;
  readonly verdict: 'executed' | 'reused' | 'failed' | 'skipped';
  readonly fingerprint: Digest | null;
  readonly attempt: string | null;
  readonly reasons: readonly StaleReason[];
  readonly failure: Failure | null;
  readonly durationMs: number;
}

/** One run's own record: rows, links, events. */
export interface RunRecord {
  readonly id: string;
  settled(verdict: StepVerdict): void;
}

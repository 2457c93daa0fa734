import type { CodeModule } from './declaration.ts';
import type { Digest } from './digest.ts';
import type { Failure } from './failure.ts';
import type { Json, JsonObject } from './json.ts';
import type { EngineIdentity } from './trainable.ts';

/** File path (in an artifact or below a source, '/'-separated) → digest of its content. */
export type FileDigests = { readonly [path: string]: Digest };

/**
 * All that decides an artifact, and nothing else. Each field says why it is in. The fingerprint is
 * `digestOf('fingerprint', fields)`.
 */
export interface FingerprintFields {
  /** Two stages with equal parameters compute different things. */
  readonly stage: string;
  /** Digest of the stage's code closure: an edit in a helper must not serve yesterday's result. */
  readonly code: Digest;
  /** The parameters that apply, defaults filled in: a changed default is a changed parameter. */
  readonly parameters: JsonObject;
  /** Only of random stages: others must not multiply over seeds. */
  readonly seed: string | null;
  /** Only of stages that compute tensors: artifacts of different engines never mix. */
  readonly engine: EngineIdentity | null;
  /** By input name, so that two swapped inputs differ; only the files that the stage reads. */
  readonly inputs: { readonly [input: string]: FileDigests | readonly CollectedDigests[] };
  /** Content and names below the source, never its place or times. */
  readonly sources: { readonly [parameter: string]: FileDigests };
}
export interface CollectedDigests {
  readonly point: JsonObject;
  readonly files: FileDigests;
  /** The point had no artifact, and the step was told to do without: another result than a sweep without it. */
  readonly missing?: true;
}

export interface OutputFile {
  /** '/'-separated, relative to the artifact. */
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface Metric {
  readonly name: string;
  /** `train`, `val`, `test`; null where a metric has no split. */
  readonly split: string | null;
  readonly value: number;
  readonly better: 'higher' | 'lower' | 'neither';
}

/** `artifact.json`, the last file a worker writes: the only proof of success. */
export interface ArtifactRecord {
  readonly format: 1;
  readonly fingerprint: Digest;
  readonly fields: FingerprintFields;
  /** The step that was planned when this was made; another run may know it by another name. */
  readonly stepId: string;
  readonly outputs: readonly OutputFile[];
  readonly metrics: readonly Metric[];
  /** What a reader should know: files skipped, colours converted. */
  readonly notes: readonly string[];
  /** What was really read of the sources. Checked against `fields.sources` before publication. */
  readonly sourcesRead: { readonly [parameter: string]: FileDigests };
  readonly codeModules: readonly CodeModule[];
  readonly attempt: string;
  /** The epoch of the lease it was computed under. */
  readonly leaseEpoch: number;
  readonly versions: { readonly clade: string; readonly node: string; readonly [name: string]: string };
  readonly machine: {
    readonly host: string;
    readonly platform: string;
    readonly arch: string;
    readonly cpu: string;
  };
  readonly startedAt: string;
  readonly durationMs: number;
  /** The attempt whose checkpoint it continued; null for a fresh start. */
  readonly resumedFrom: string | null;
}

/** Everything a worker needs, written to `job.json` in a fresh attempt folder. */
export interface Job {
  readonly protocol: 1;
  readonly attempt: string;
  readonly runId: string;
  readonly stepId: string;
  readonly fingerprint: Digest;
  readonly fields: FingerprintFields;
  readonly leaseEpoch: number;
  /** Absolute path of the stage's module. */
  readonly module: string;
  readonly codeModules: readonly CodeModule[];
  readonly params: JsonObject;
  readonly seed: string | null;
  /** Name of the engine; null for stages that compute no tensors. */
  readonly engine: string | null;
  readonly threads: number;
  /** GPUs that it has for itself, by the names that CUDA_VISIBLE_DEVICES has; none where it asked for none. */
  readonly gpus: readonly string[];
  /** Absolute folders of the inputs' objects. */
  readonly inputs: {
    readonly [input: string]: string | readonly { readonly point: JsonObject; readonly folder: string }[];
  };
  /** Points that a collecting step does without; its record names them. */
  readonly missing: readonly { readonly input: string; readonly point: JsonObject }[];
  /** Absolute paths of the sources. */
  readonly sources: { readonly [parameter: string]: string };
  /** The newest sound checkpoint of this fingerprint, and the attempt it is of. */
  readonly checkpoint: { readonly folder: string; readonly attempt: string } | null;
  /** Absolute path of the attempt's folder: `work/` in it becomes the object. */
  readonly folder: string;
}

/** How an attempt ended. */
export type JobOutcome =
  | { readonly status: 'succeeded'; readonly record: ArtifactRecord }
  | { readonly status: 'failed'; readonly failure: Failure };

/** One line of an attempt's `progress.jsonl`. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** `epoch`, `image`, … */
  readonly unit: string;
  /** Numbers worth seeing: `loss`, `valLoss`. */
  readonly values: { readonly [name: string]: number };
}

/** What runner and worker say over their channel, which only makes quicker what the files say. */
export const WORKER_PROTOCOL = 1;
export type ToWorker =
  | { readonly type: 'run'; readonly jobFile: string }
  | { readonly type: 'cancel'; readonly attempt: string }
  | { readonly type: 'exit' };
export type FromWorker =
  | { readonly type: 'ready'; readonly protocol: number; readonly pid: number }
  | { readonly type: 'progress'; readonly attempt: string; readonly progress: Progress }
  | { readonly type: 'ended'; readonly attempt: string; readonly failure: Failure | null };

/** A line of an attempt's `log.jsonl`. */
export interface LogLine {
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields?: { readonly [name: string]: Json };
}

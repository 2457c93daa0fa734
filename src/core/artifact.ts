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
  /** Only of an item of a mapped step: which one, and what the stage says that it hangs on. */
  readonly item?: { readonly key: string; readonly value: Json };
}
/** What a mapped stage works on one by one. */
export interface Item {
  /** Names it among the items of the step; no '/'. */
  readonly key: string;
  /** What the item's result hangs on beside its files. */
  readonly value: Json;
  /** Paths of its files in the input that is shared out. */
  readonly files: readonly string[];
}
/** An item and the folder of its artifact. */
export interface ItemArtifact extends Item {
  readonly folder: string;
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
  /** 1, of older versions, has no checksum. */
  readonly format: 1 | 2;
  /** Of all the rest (`core/artifact-seal.ts`); in format 2 alone. */
  readonly checksum?: Digest;
  readonly fingerprint: Digest;
  readonly fields: FingerprintFields;
  /** The step that was planned when this was made; another run may know it by another name. */
  readonly stepId: string;
  readonly outputs: readonly OutputFile[];
  readonly metrics: readonly Metric[];
  /** What a reader should know: files skipped, colours converted. */
  readonly notes: readonly string[];
  /** The items that a mapped step was made of, and their artifacts; absent for others. */
  readonly items?: readonly { readonly key: string; readonly fingerprint: Digest }[];
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
  readonly part: JobPart;
  readonly attempt: string;
  readonly runId: string;
  readonly stepId: string;
  readonly fingerprint: Digest;
  readonly fields: FingerprintFields;
  readonly leaseEpoch: number;
  /** Absolute path of the stage's module, and the digest of its bytes. */
  readonly module: string;
  readonly bundle: Digest;
  /** Digest of the code of the worker that the run was planned with. */
  readonly worker: Digest;
  readonly codeModules: readonly CodeModule[];
  /** Paths that the stage must have written, a folder's with '/' at the end: of a stage of the user's, who may forget. */
  readonly outputs?: readonly string[];
  readonly params: JsonObject;
  readonly seed: string | null;
  readonly threads: number;
  /** GPUs that it may use, by the names that CUDA_VISIBLE_DEVICES has; none where it asked for none. */
  readonly gpus: readonly string[];
  /** Absolute folders of the inputs' objects. */
  readonly inputs: {
    readonly [input: string]: string | readonly { readonly point: JsonObject; readonly folder: string }[];
  };
  /** How the files lay that it reads of each input, and of its items (`items`), when it began. */
  readonly marks: { readonly [input: string]: InputMark };
  /** Points that a collecting step does without; its record names them. */
  readonly missing: readonly { readonly input: string; readonly point: JsonObject }[];
  /** Absolute paths of the sources. */
  readonly sources: { readonly [parameter: string]: string };
  /** The newest sound checkpoint of this fingerprint, and the attempt it is of. */
  readonly checkpoint: { readonly folder: string; readonly attempt: string } | null;
  /** Absolute path of the attempt's folder: `work/` in it becomes the object. */
  readonly folder: string;
}

/** How an input's files lay on the disk: two digests, of what tells them from others. */
export interface InputMark {
  /** All that the file system says: files with equal stamps are untouched. */
  readonly stamps: Digest;
  /** Sizes and times of the content alone: files that were only linked or moved have equal ones. */
  readonly contents: Digest;
}

/** Which part of a step a job is. */
export type JobPart =
  | { readonly kind: 'whole' }
  /** Of a mapped step, its beginning: says what the items are, and makes no artifact. */
  | { readonly kind: 'items' }
  | { readonly kind: 'item'; readonly item: Item }
  | {
      readonly kind: 'join';
      readonly items: readonly (ItemArtifact & { readonly fingerprint: Digest })[];
      /** When the step was started, ISO 8601: its items count as its work. */
      readonly startedAt: string;
    };

/** What the items of a mapped step are: left in the attempt's folder by the job that was asked. */
export const ITEMS_FILE = 'items.json';

/** How an attempt, or a part of one, ended. */
export type JobOutcome =
  | { readonly status: 'succeeded'; readonly record: ArtifactRecord }
  | { readonly status: 'itemised'; readonly items: readonly Item[] }
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

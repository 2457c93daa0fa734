import type { Item, ItemArtifact, Metric, Progress } from './artifact.ts';
import type { Json, JsonObject } from './json.ts';
import type { Random } from './random.ts';
import type { Engine } from './trainable.ts';

/**
 * What a stage's `run` gets. It reads inputs and sources, writes below `out`, and nowhere else.
 * It fails by `fail(reason, message)`; anything else thrown is a bug.
 */
export interface StageContext<Parameters = JsonObject> {
  readonly params: Parameters;
  /** Absolute folder for the outputs; exists, empty. */
  readonly out: string;
  /** Folder of an input's artifact. @throws a bug where the declaration does not name it or it was not given. */
  input(name: string): string;
  /** Folder of an optional input, or null. */
  optionalInput(name: string): string | null;
  /** All artifacts of an input of a collecting step; for an ordinary input, that one with an empty point. */
  collected(name: string): readonly CollectedInput[];
  /** Names of the inputs given, in the order of the pipeline file. */
  readonly inputNames: readonly string[];
  /** Reads external sources, digesting what it reads: the one way to read them. */
  source(parameter: string): SourceReader;
  /** Of a parameter that lists sources: the name of each, to be read by `source('PARAMETER:NAME')`. */
  sourceNames(parameter: string): readonly string[];
  /** Seeded; only for stages declared random. */
  random(): Random;
  /** The engine of this run; only for stages declared to compute tensors. Opened at the first call. */
  engine(): Promise<Engine>;
  readonly checkpoint: Checkpoints;
  /** Absolute folder for files that are not outputs; made by who needs it, gone when the attempt is. */
  readonly scratch: string;
  /** How many threads it may keep busy. */
  readonly threads: number;
  /** Which item of this artifact came from which file or name: kept beside the object, readable by its owner alone. */
  names(rows: readonly { readonly id: string; readonly source: string }[]): void;
  progress(progress: Progress): void;
  log(level: 'info' | 'warn' | 'error', message: string, fields?: { readonly [name: string]: Json }): void;
  /** What a reader of the artifact should know; kept in its record. */
  note(message: string): void;
  /** Aborted on cancellation: long loops look at it and throw its reason. */
  readonly signal: AbortSignal;
}

/**
 * A stage that works item by item (`each` in its declaration). Only `runItem` should take long: what an
 * item comes to is decided by its value, its files, and all else that the step has but for the other
 * files of that input, which `runItem` must not read.
 */
export interface MappedStage<Parameters = JsonObject> {
  /** The items of the input; quick. Order and number are free, keys differ. */
  items(context: StageContext<Parameters>): Promise<readonly Item[]>;
  /** Makes one item's artifact in `context.out`. */
  runItem(context: StageContext<Parameters>, item: Item): ReturnType<StageRun>;
  /** Makes the step's artifact of those of its items, given in the order of `items`. */
  join(context: StageContext<Parameters>, items: readonly ItemArtifact[]): ReturnType<StageRun>;
}

export interface CollectedInput {
  readonly point: JsonObject;
  readonly folder: string;
}

export interface SourceReader {
  /** Regular files below a folder source ('/'-separated, sorted by code unit, dot-files left out); [''] for a file source. */
  list(): Promise<readonly string[]>;
  /** Content of one file below the source; '' for a file source. @throws ExpectedFailure missing-source. */
  read(path: string): Promise<Uint8Array>;
  exists(path: string): Promise<boolean>;
}

/** Progress inside a stage that survives a kill. Files of one checkpoint are saved whole or not at all. */
export interface Checkpoints {
  /** The newest sound one of this fingerprint: file name → bytes; null for a fresh start. */
  load(): Promise<ReadonlyMap<string, Uint8Array> | null>;
  save(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Has enough time passed to make a save worth its cost? */
  due(): boolean;
}

export interface StageResult {
  readonly metrics?: readonly Metric[];
}

/** The default export of a stage's run.ts. */
export type StageRun<Parameters = JsonObject> = (
  context: StageContext<Parameters>,
) => Promise<StageResult> | Promise<void>;

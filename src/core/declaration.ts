import type { JsonObject } from './json.ts';
import type { DemandOverride } from './resources.ts';

/** Why a folder that a pipeline uses is no stage, in the words of a diagnostic. */
export interface StageFault {
  readonly message: string;
  readonly hint?: string;
}

/** A JSON Schema fragment with our annotations; made with typebox in a declaration, plain JSON in the catalogue. */
export interface ParameterSchema extends JsonObject {}

/**
 * Annotations a parameter's schema may carry beside JSON Schema's own:
 * - `when: { method: ['dcec'] }`: applies only where the other parameter has one of these values; left
 *   out of the step elsewhere, with a note, so that points which differ in it alone share the step;
 * - `path: true`: a path, relative to the pipeline file (or to the working directory when given by
 *   `--set`); never part of a fingerprint: the content it names is;
 * - `unit: 'mm'`: for people;
 * - `requiredMessage`: what to say where it is missing, and where the data can be had;
 * - `shell: true`: text for a shell: references within it are quoted;
 * - `execution: true`: how to compute, not what (a number of threads): not part of a fingerprint.
 */
export interface ParameterAnnotations {
  readonly when?: { readonly [parameter: string]: readonly (string | number | boolean)[] };
  readonly path?: true;
  readonly unit?: string;
  readonly requiredMessage?: string;
  readonly shell?: true;
  readonly execution?: true;
}

/**
 * Files of an input that a stage reads: a file's path in the artifact, a folder's with a trailing '/', '*' for all,
 * with `{parameter}` replaced by that parameter's value. Only these files' digests enter the fingerprint.
 */
export type ReadPattern =
  | string
  | {
      readonly file: string;
      readonly when: { readonly [parameter: string]: readonly (string | number | boolean)[] };
    };

export interface InputDeclaration {
  readonly description: string;
  /** What the artifact must offer: one of the words in some output's `offers`; `any` for whatever it is. */
  readonly kind: string;
  readonly reads: readonly ReadPattern[];
  readonly optional?: boolean;
  /** Needed only for these parameter values; then not optional. */
  readonly when?: { readonly [parameter: string]: readonly (string | number | boolean)[] };
}

export interface OutputDeclaration {
  /** Path in the artifact; a folder's ends in '/'. */
  readonly path: string;
  readonly description: string;
  /** Absent for some parameters or data. */
  readonly optional?: boolean;
}

/**
 * - `folder`: all regular files below it whose names do not start with a dot;
 * - `file`: one file;
 * - `code`: a list of files, with all that scripts among them import from beside them, or folders;
 * - `output`: a list of commands, known by the lines that they print.
 */
export type SourceKind = 'folder' | 'file' | 'code' | 'output';

/** An external folder or file that a stage reads, named by a `path` parameter; or what commands say. */
export interface SourceDeclaration {
  readonly parameter: string;
  readonly kind: SourceKind;
  readonly when?: { readonly [parameter: string]: readonly (string | number | boolean)[] };
}

export interface MetricDeclaration {
  readonly name: string;
  readonly description: string;
  readonly better: 'higher' | 'lower' | 'neither';
}

/** What a stage is: data, loaded by everyone, importing no numerics. */
export interface StageDeclaration {
  /** The word after `uses:`; also the folder's name. */
  readonly name: string;
  /** One line: what for. */
  readonly summary: string;
  /** A JSON Schema of type object; each property with description, default and ranges. */
  readonly parameters: ParameterSchema;
  readonly inputs: { readonly [name: string]: InputDeclaration };
  /** Accepts inputs under any name of this shape, besides `inputs` (summarise). */
  readonly anyInputs?: InputDeclaration;
  readonly outputs: readonly OutputDeclaration[];
  /** Kinds of input that this stage's artifact can serve as: `image-set`, `labels`, `dataset`, `model` …; `any` for whatever its user says. */
  readonly offers: readonly string[];
  readonly sources?: readonly SourceDeclaration[];
  readonly metrics?: readonly MetricDeclaration[];
  /** Draws random numbers: gets a seed, which enters the fingerprint. */
  readonly random: boolean;
  /** Computes tensors: the engine's identity enters the fingerprint. */
  readonly engine: boolean;
  /**
   * Parameters that shape a training step (layers, batch). Its module then exports `workload`, a
   * `StageWorkload`, and `--engine auto` measures engines on that.
   */
  readonly workload?: readonly string[];
  /** Bytes are the same everywhere (on the wasm engine). Pictures are not arrays: a stage of drawings says false. */
  readonly exact: boolean;
  /** May be given `over`: collects its inputs from all points along the axes. */
  readonly collects?: boolean;
  /**
   * Works item by item on an input, where these parameters say so: every item has its own fingerprint,
   * lease and object, and the artifact is made of them. The stage's module then exports `mapped`
   * (`MappedStage` in core/stage) beside its `default`.
   */
  readonly each?: {
    /** What an item is, for people: `subject`. */
    readonly item: string;
    /** The input whose files are shared out among the items. */
    readonly input: string;
    readonly when?: { readonly [parameter: string]: readonly (string | number | boolean)[] };
  };
  /** What it takes of the machine: one core where it says nothing. A pipeline file may say otherwise. */
  readonly needs?: DemandOverride;
  /** Labels reach this stage through these inputs; lineage says so. */
  readonly seesLabels?: readonly string[];
}

/** One module of a stage's code closure. */
export interface CodeModule {
  /** `src/ml/kmeans.ts`, or `npm:umap-js@1.4.0`. */
  readonly name: string;
  /** Of the module after tree-shaking, without comments and whitespace. */
  readonly digest: string;
}

export interface CatalogueEntry {
  readonly declaration: StageDeclaration;
  /** The module a worker imports, relative to the folder of the catalogue file; of a stage of the user's, absolute. */
  readonly module: string;
  /** Of the module's bytes, which name all that they import by its content: a worker imports no other. */
  readonly bundle: string;
  /** Digest of the whole closure. */
  readonly code: string;
  readonly modules: readonly CodeModule[];
}

/** All stages, by the word after `uses:`. */
export interface Catalogue {
  readonly format: 1;
  /** Digest of the worker's own code closure: one of another build executes no job. */
  readonly worker: string;
  readonly stages: { readonly [uses: string]: CatalogueEntry };
  /** Folders of the user's that a pipeline uses as stages, and that are none. */
  readonly broken?: { readonly [uses: string]: StageFault };
}

/** Is a `when` met? A parameter that is absent meets nothing. */
export function applies(
  when: { readonly [parameter: string]: readonly unknown[] } | undefined,
  parameters: JsonObject,
): boolean {
  if (!when) return true;
  return Object.entries(when).every(([name, values]) => values.includes(parameters[name]));
}

/** The patterns of `reads` that hold for these parameters, `{parameter}` filled in. */
export function readPatterns(input: InputDeclaration, parameters: JsonObject): string[] {
  return input.reads
    .filter((pattern) => typeof pattern === 'string' || applies(pattern.when, parameters))
    .map((pattern) => (typeof pattern === 'string' ? pattern : pattern.file))
    .map((path) => path.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? '')));
}

/** Does this file of an artifact match one of the patterns? */
export function matchesPattern(path: string, patterns: readonly string[]): boolean {
  return patterns.some(
    (pattern) => pattern === '*' || (pattern.endsWith('/') ? path.startsWith(pattern) : path === pattern),
  );
}

import type { Position } from './diagnostic.ts';
import type { Json, JsonObject } from './json.ts';
import type { DemandOverride } from './resources.ts';

/**
 * A pipeline file, read and checked for form; values are still as written, with `${{ … }}` in them.
 * `positionOf` finds the place of any value by its path of keys, or the nearest enclosing one.
 */
export interface PipelineSpec {
  readonly name: string;
  /** As the user named it, for messages. */
  readonly file: string;
  /** Folder that relative paths in the file start from, absolute. */
  readonly folder: string;
  readonly text: string;
  readonly seed: number;
  /** What computes; null where the file does not say. */
  readonly engine: string | null;
  readonly params: JsonObject;
  readonly stages: { readonly [key: string]: StageSpec };
  readonly sweep: SweepSpec | null;
  readonly expect: JsonObject | null;
  readonly positionOf: (path: readonly (string | number)[], what?: 'key' | 'value') => Position;
}

export interface StageSpec {
  readonly uses: string;
  readonly needs: { readonly [input: string]: string };
  readonly with: JsonObject;
  /** Axes to collect along; null where the step does not collect. */
  readonly over: readonly string[] | null;
  /** What a collecting step does where points have no artifact. */
  readonly missing: 'fail' | 'allow';
  /** In place of what the stage declares. */
  readonly resources: DemandOverride;
  readonly retries: number;
  /** Of one attempt; null for no limit. */
  readonly timeoutMs: number | null;
}

/** Points: every combination of grid, zip and random, less what matches exclude, plus what include lists. */
export interface SweepSpec {
  /** What people call it; null where it has no name. */
  readonly name: string | null;
  /** Axis → values, in the order of the file: every combination. */
  readonly grid: { readonly [axis: string]: readonly Json[] };
  /** Axis → values, all lists equally long: the first of each together, then the second, and so on. */
  readonly zip: { readonly [axis: string]: readonly Json[] };
  readonly random: RandomSpec | null;
  readonly include: readonly JsonObject[];
  readonly exclude: readonly JsonObject[];
}

/** Points drawn at random, the same ones each time. */
export interface RandomSpec {
  /** The budget: how many. */
  readonly points: number;
  /** Of the draw; not the pipeline's. */
  readonly seed: number;
  readonly axes: { readonly [axis: string]: Distribution };
}

export type Distribution =
  | { readonly kind: 'choice'; readonly values: readonly Json[] }
  /** Both ends included; `integer` draws whole numbers, `logUniform` each power of ten as often as the next. */
  | { readonly kind: 'uniform' | 'logUniform' | 'integer'; readonly from: number; readonly to: number };

/** A `--set key=value`, its value already read as YAML. */
export interface Override {
  readonly key: string;
  readonly value: Json;
}

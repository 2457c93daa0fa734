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
  /** In place of what the stage declares. */
  readonly resources: DemandOverride;
  readonly retries: number;
  /** Of one attempt; null for no limit. */
  readonly timeoutMs: number | null;
}

export interface SweepSpec {
  /** Axis → values, in the order of the file. */
  readonly grid: { readonly [axis: string]: readonly Json[] };
  readonly include: readonly JsonObject[];
  readonly exclude: readonly JsonObject[];
}

/** A `--set key=value`, its value already read as YAML. */
export interface Override {
  readonly key: string;
  readonly value: Json;
}

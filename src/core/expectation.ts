import type { Position } from './diagnostic.ts';
import type { JsonObject } from './json.ts';

/** What `clade test` holds results against: the `expect` block of a pipeline, one entry each. */
export type Expectation = MetricExpectation | StatisticExpectation | FileExpectation;

interface Written {
  /** Keys and indices from the top of the pipeline file to what was written: `--update` edits there. */
  readonly path: readonly (string | number)[];
  readonly position: Position;
  /** Key of the step in the YAML file. */
  readonly step: string;
  /** Only points with these values; null for all. */
  readonly where: JsonObject | null;
}

/** A metric at every point. */
export interface MetricExpectation extends Written {
  readonly kind: 'metric';
  /** `test.acc`, or `iterations` of a metric without a split. */
  readonly metric: string;
  readonly bounds: Bounds;
}

/** A statistic of a metric along axes, for each group of points that differ in these alone. */
export interface StatisticExpectation extends Written {
  readonly kind: 'statistic';
  readonly metric: string;
  readonly over: readonly string[];
  readonly statistic: Statistic;
  readonly bounds: Bounds;
}

/** `sd` is of the sample (n − 1); `each` is every value by itself. */
export const STATISTICS = ['mean', 'sd', 'minimum', 'maximum', 'each'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** Files of a step's artifact at every point. */
export interface FileExpectation extends Written {
  readonly kind: 'file';
  /** '/'-separated path in the artifact; `*` stands for any characters but '/'. */
  readonly file: string;
  readonly requirement: FileRequirement;
}

export type FileRequirement =
  | { readonly is: 'present'; readonly present: boolean }
  /** SHA-256 or the start of one; null where none was written yet. */
  | { readonly is: 'digest'; readonly digest: string | null }
  /** null for any size. */
  | { readonly is: 'shape'; readonly tensor: string | null; readonly shape: readonly (number | null)[] }
  /** As numpy names it: `float32`. */
  | { readonly is: 'dtype'; readonly tensor: string | null; readonly dtype: string }
  /** Bounds on every value; `of` of each. */
  | { readonly is: 'values'; readonly tensor: string | null; readonly bounds: Bounds }
  | { readonly is: 'rows'; readonly bounds: Bounds }
  /** These columns in this order and no others. */
  | { readonly is: 'columns'; readonly columns: readonly string[] }
  /** A column that is there; bounds on every value of it. */
  | { readonly is: 'column'; readonly column: string; readonly bounds: Bounds | null }
  | ({ readonly is: 'golden'; readonly golden: string | true } & GoldenTolerance);

/** How far a file may be from its golden one; nothing given: not at all. */
export interface GoldenTolerance {
  /** Largest difference of any number in an array, table or JSON file. */
  readonly within?: number;
  /** Of a picture: mean and largest absolute difference of a channel, 0 to 255. */
  readonly meanDifference?: number;
  readonly maxDifference?: number;
  /** Of a picture: share of pixels that look different. */
  readonly differingPixels?: number;
}

/** Bounds on a number; all that are given must hold. What is not finite holds none. */
export interface Bounds {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly between?: readonly [number, number];
  /** How far from `of`. */
  readonly within?: number;
  /** How many `sd` from `of`. */
  readonly withinSd?: number;
  /** Golden values; null where none was written yet. */
  readonly of?: number | null;
  readonly sd?: number | null;
}

/** Does a path match a pattern in which `*` stands for any characters but '/'? */
export function fileMatcher(pattern: string): (path: string) => boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${source.join('[^/]*')}$`);
  return (path) => expression.test(path);
}

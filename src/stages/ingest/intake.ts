import type { Pixels } from '../../formats/image-set.ts';

/** An image as it was taken in, with all that is known of it. */
export interface TakenItem {
  /** [height, width], row-major, 0 … maxValue. */
  readonly pixels: Pixels;
  readonly height: number;
  readonly width: number;
  readonly maxValue: number;
  /** Millimetres from row to row and from column to column. */
  readonly spacing: readonly [number, number] | null;
  /** Where it came from; told to nobody but its owner. */
  readonly source: string;
  /** Real names: pseudonyms are made of them later. */
  readonly subject: string | null;
  readonly label: string | null;
  /** Further columns. */
  readonly columns: { readonly [name: string]: string };
}

export interface Intake {
  /** In an order that labels do not decide: equal contents are numbered by it. */
  readonly items: readonly TakenItem[];
  readonly skipped: readonly SkippedItem[];
  readonly notes: readonly string[];
}

export interface SkippedItem {
  readonly source: string;
  /** Does not name the source. */
  readonly reason: string;
}

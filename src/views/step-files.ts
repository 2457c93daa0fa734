import { readFileSync } from 'node:fs';
import { columnIndex, readCsv } from '../formats/csv.ts';

/** A table that a step made: its columns, and the values of one. */
export interface Columns {
  readonly names: readonly string[];
  readonly rowCount: number;
  /** @throws ExpectedFailure bad-input where there is no such column. */
  text(column: string): string[];
  /** Empty fields are NaN. */
  numbers(column: string): number[];
}

/** @param what names the file in messages. */
export function readColumns(path: string, what: string): Columns {
  const table = readCsv(readFileSync(path), what);
  const text = (column: string) => {
    const at = columnIndex(table, column, what);
    return table.rows.map(({ fields }) => fields[at]);
  };
  return {
    names: table.columns,
    rowCount: table.rows.length,
    text,
    numbers: (column) => text(column).map((value) => (value === '' ? Number.NaN : Number(value))),
  };
}

/** Columns of losses that have a value. */
export function lossColumns(table: Columns): { readonly name: string; readonly values: number[] }[] {
  return table.names
    .filter((name) => /loss$/i.test(name))
    .map((name) => ({ name, values: table.numbers(name) }))
    .filter(({ values }) => values.some(Number.isFinite));
}

const EMBEDDED = /<image [^>]*href="data:image\/png;base64,([^"]+)"/g;

/** The pictures of `reconstructions.svg`, PNG in base64: they lie in the drawing itself, each original before its reconstruction. */
export function readReconstructions(path: string): (readonly [original: string, reconstruction: string])[] {
  const images = [...readFileSync(path, 'utf8').matchAll(EMBEDDED)].map(([, data]) => data);
  return images.flatMap((image, index) =>
    index % 2 === 0 && images[index + 1] ? [[image, images[index + 1]] as const] : [],
  );
}

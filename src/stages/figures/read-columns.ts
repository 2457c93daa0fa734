import { readArtifactFile } from '../../formats/artifact-file.ts';
import { columnIndex, readCsv } from '../../formats/csv.ts';

/** A table of an artifact: its columns, and the values of one. */
export interface Columns {
  readonly names: readonly string[];
  /** @throws ExpectedFailure bad-input where there is no such column. */
  text(column: string): string[];
  /** Empty fields are NaN. */
  numbers(column: string): number[];
}

export async function readColumns(folder: string, file: string): Promise<Columns> {
  const table = readCsv(await readArtifactFile(folder, file), file);
  const text = (column: string) => {
    const at = columnIndex(table, column, file);
    return table.rows.map(({ fields }) => fields[at]);
  };
  return {
    names: table.columns,
    text,
    numbers: (column) => text(column).map((value) => (value === '' ? Number.NaN : Number(value))),
  };
}

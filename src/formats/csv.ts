import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { fail } from '../core/failure.ts';

export interface CsvRow {
  /** Line of the file on which the row ends, from 1: for messages. */
  readonly line: number;
  /** In the order of the columns. */
  readonly fields: readonly string[];
}
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * UTF-8 text with a header line; a byte order mark, CRLF and empty lines are accepted.
 * @param what names the file in messages.
 * @throws ExpectedFailure bad-input on no header, a duplicate or nameless column, a row of another
 *   length, broken quotes, bytes that are not UTF-8.
 */
export function readCsv(bytes: Uint8Array, what: string): CsvTable {
  const [header, ...rows] = parseRows(bytes, what);
  if (!header) fail('bad-input', `${what}: empty; expected a header line`);
  const columns = header.fields;
  for (const [index, name] of columns.entries()) {
    if (name === '') fail('bad-input', `${what}: column ${index + 1} has no name`);
    if (columns.indexOf(name) !== index) fail('bad-input', `${what}: column '${name}' is there twice`);
  }
  for (const { line, fields } of rows) {
    if (fields.length !== columns.length)
      fail(
        'bad-input',
        `${what}: line ${line} has ${fields.length} fields; the header has ${columns.length}`,
      );
  }
  return { columns, rows };
}

/** Where a column is. @throws ExpectedFailure bad-input, naming the columns there are. */
export function columnIndex(table: CsvTable, column: string, what: string): number {
  const index = table.columns.indexOf(column);
  if (index < 0) fail('bad-input', `${what}: no column '${column}'; there are: ${table.columns.join(', ')}`);
  return index;
}

/** Header line and rows, LF, quotes only where needed: the same values give the same bytes. */
export function writeCsv(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return stringify([columns, ...rows], {
    record_delimiter: '\n',
    cast: { number: (value) => String(value) },
  });
}

function parseRows(bytes: Uint8Array, what: string): CsvRow[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); // also takes the byte order mark away
  } catch {
    fail('bad-input', `${what}: not UTF-8 text`);
  }
  try {
    const parsed = parse(text, { info: true, relax_column_count: true, skip_empty_lines: true });
    return (parsed as unknown as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      line: info.lines,
      fields: record,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return fail('bad-input', `${what}: ${error.message}`);
  }
}

import { fail } from '../core/failure.ts';
import { byCodeUnit } from '../core/json.ts';
import { readArtifactFile, writeArtifactFile } from './artifact-file.ts';
import { columnIndex, readCsv, writeCsv } from './csv.ts';

const INDEX_FILE = 'index.csv';
const LABELS_FILE = 'labels.csv';

/** What is known of every item without a look at labels: `index.csv` (id, subject). */
export interface IndexRow {
  readonly id: string;
  /** A pseudonym; null where subjects are unknown (an empty field). */
  readonly subject: string | null;
}

export async function writeIndex(folder: string, rows: readonly IndexRow[]): Promise<void> {
  const sorted = [...rows].sort((a, b) => byCodeUnit(a.id, b.id));
  const fields = sorted.map(({ id, subject }) => [id, subject ?? '']);
  await writeArtifactFile(folder, INDEX_FILE, writeCsv(['id', 'subject'], fields));
}

/** Rows in the order of the file, which is by id. */
export async function readIndex(folder: string): Promise<IndexRow[]> {
  const subjects = await readIdTable(folder, INDEX_FILE, 'subject');
  return [...subjects].map(([id, subject]) => ({ id, subject: subject === '' ? null : subject }));
}

/** `labels.csv` (id, label), ordered by id. */
export async function writeLabels(folder: string, labels: ReadonlyMap<string, string>): Promise<void> {
  await writeIdTable(folder, { path: LABELS_FILE, column: 'label', values: labels });
}
/** Id → label. */
export async function readLabels(folder: string): Promise<Map<string, string>> {
  return readIdTable(folder, LABELS_FILE, 'label');
}

/**
 * Another column of a manifest, `columns/<name>.csv` (id, value), ordered by id.
 * @throws ExpectedFailure bad-input where the column's name cannot be a file's name.
 */
export async function writeColumn(
  folder: string,
  name: string,
  values: ReadonlyMap<string, string>,
): Promise<void> {
  await writeIdTable(folder, { path: columnFile(name), column: 'value', values });
}
/** Id → value. */
export async function readColumn(folder: string, name: string): Promise<Map<string, string>> {
  return readIdTable(folder, columnFile(name), 'value');
}

/**
 * The values of these items, in their order.
 * @param what names the table in the message.
 * @throws ExpectedFailure bad-input, naming ids that the table lacks.
 */
export function joinById<Value>(
  ids: readonly string[],
  values: ReadonlyMap<string, Value>,
  what: string,
): Value[] {
  const missing = ids.filter((id) => !values.has(id));
  if (missing.length > 0) {
    const named = missing.slice(0, 10).join(', ') + (missing.length > 10 ? ', …' : '');
    fail('bad-input', `${what}: no value for ${missing.length} of ${ids.length} items: ${named}`);
  }
  return ids.map((id) => values.get(id)!);
}

async function writeIdTable(
  folder: string,
  { path, column, values }: { path: string; column: string; values: ReadonlyMap<string, string> },
): Promise<void> {
  const rows = [...values].sort(([a], [b]) => byCodeUnit(a, b));
  await writeArtifactFile(folder, path, writeCsv(['id', column], rows));
}

async function readIdTable(folder: string, path: string, column: string): Promise<Map<string, string>> {
  const table = readCsv(await readArtifactFile(folder, path), path);
  const idAt = columnIndex(table, 'id', path);
  const valueAt = columnIndex(table, column, path);
  const values = new Map<string, string>();
  for (const { line, fields } of table.rows) {
    const id = fields[idAt];
    if (values.has(id)) fail('bad-input', `${path}: line ${line}: the item '${id}' is there twice`);
    values.set(id, fields[valueAt]);
  }
  return values;
}

function columnFile(name: string): string {
  if (!/^[^/\\\0]{1,100}$/.test(name) || name.startsWith('.'))
    fail('bad-input', `a column named '${name}' cannot be kept: its name becomes a file's name`);
  return `columns/${name}.csv`;
}

import type { Bounds, FileRequirement } from '../core/expectation.ts';
import { readCsv } from '../formats/csv.ts';
import { holds, missText } from './bounds.ts';
import type { Finding } from './check.ts';

export function inspectRows(bytes: Uint8Array, path: string, bounds: Bounds): Finding {
  const { length } = readCsv(bytes, path).rows;
  const ok = holds(length, bounds);
  return { ok, got: `${ok ? length : missText(length, bounds)} rows`, measured: length };
}

export function inspectColumns(bytes: Uint8Array, path: string, expected: readonly string[]): Finding {
  const { columns } = readCsv(bytes, path);
  const missing = expected.filter((name) => !columns.includes(name));
  const further = columns.filter((name) => !expected.includes(name));
  const ok = columns.length === expected.length && columns.every((name, at) => name === expected[at]);
  const details = [
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(further.length > 0 ? [`not expected: ${further.join(', ')}`] : []),
    ...(!ok && missing.length + further.length === 0 ? ['the same columns in another order'] : []),
  ];
  return { ok, got: `the columns ${columns.join(', ')}`, details };
}

/** A column that is there; where there are bounds, every value of it a number within them. */
export function inspectColumn(
  bytes: Uint8Array,
  path: string,
  { column, bounds }: FileRequirement & { readonly is: 'column' },
): Finding {
  const { columns, rows } = readCsv(bytes, path);
  const at = columns.indexOf(column);
  if (at < 0) return { ok: false, got: `no column '${column}': there are ${columns.join(', ')}` };
  if (!bounds) return { ok: true, got: `${rows.length} rows` };
  if (rows.length === 0) return { ok: false, got: 'no rows at all' };
  const outside = rows.filter(({ fields }) => !holds(numberIn(fields[at]), bounds));
  if (outside.length === 0) return { ok: true, got: `${rows.length} values` };
  const [first] = outside;
  const place = `the first '${first.fields[at]}' in line ${first.line}`;
  return { ok: false, got: `${outside.length} of ${rows.length} values outside, ${place}` };
}

/** NaN where the text is no number: an empty field is none. */
function numberIn(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

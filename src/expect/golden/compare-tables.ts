import { readCsv } from '../../formats/csv.ts';
import type { Finding } from '../check.ts';
import type { GoldenPair } from './golden-pair.ts';

const SHOWN = 8;

/** Two CSV tables: the same columns and rows, numbers that differ by no more than `within`, equal texts. */
export function compareTables({ path, golden, bytes, tolerance }: GoldenPair): Finding {
  const before = readCsv(golden, `golden ${path}`);
  const now = readCsv(bytes, path);
  const columns = (table: typeof now) => table.columns.join(', ');
  if (columns(before) !== columns(now))
    return { ok: false, got: `the columns ${columns(now)} instead of ${columns(before)}` };
  const differences = now.rows.slice(0, before.rows.length).flatMap(({ line, fields }, row) =>
    fields.flatMap((field, column) => {
      const earlier = before.rows[row].fields[column];
      if (sameField(earlier, field, tolerance.within ?? 0)) return [];
      return [`line ${line}, ${now.columns[column]}: ${earlier} → ${field}`];
    }),
  );
  const rows =
    now.rows.length === before.rows.length
      ? []
      : [`${now.rows.length} rows instead of ${before.rows.length}`];
  if (differences.length + rows.length === 0) return { ok: true, got: 'values as the golden ones' };
  return {
    ok: false,
    got: [...rows, ...(differences.length > 0 ? [`${differences.length} fields differ`] : [])].join(', '),
    details: differences.slice(0, SHOWN),
  };
}

function sameField(before: string, now: string, within: number): boolean {
  if (before === now) return true;
  if (before.trim() === '' || now.trim() === '') return false;
  return Math.abs(Number(before) - Number(now)) <= within; // NaN is within nothing
}

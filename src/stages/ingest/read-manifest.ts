import { posix } from 'node:path';
import { byCodeUnit } from '../../core/json.ts';
import { columnIndex, readCsv } from '../../formats/csv.ts';
import type { Parameters } from './declaration.ts';

/** A picture that is to be taken in, and what is known of it before it is read. */
export interface ListedPicture {
  /** '/'-separated, relative to the folder. */
  readonly path: string;
  readonly label: string | null;
  readonly subject: string | null;
  readonly columns: { readonly [name: string]: string };
  /** Why it cannot be used; null where nothing speaks against it yet. */
  readonly problem: string | null;
}

/**
 * Rows of a manifest, ordered by path, so that neither the order of rows nor labels decide ids.
 * @throws ExpectedFailure bad-input where the file is no table or lacks a column that is asked for.
 */
export function readManifest(
  bytes: Uint8Array,
  { manifest = '', file, label, subject }: Pick<Parameters, 'manifest' | 'file' | 'label' | 'subject'>,
): ListedPicture[] {
  const table = readCsv(bytes, manifest);
  const place = (column: string | undefined) =>
    column === undefined ? -1 : columnIndex(table, column, manifest);
  const [fileAt, labelAt, subjectAt] = [place(file), place(label), place(subject)];
  const further = table.columns.flatMap((name, at) =>
    [fileAt, labelAt, subjectAt].includes(at) ? [] : [{ name, at }],
  );
  const seen = new Set<string>();
  const pictures = table.rows.map(({ fields }): ListedPicture => {
    const path = posix.normalize(fields[fileAt].replaceAll('\\', '/'));
    const isSecond = seen.has(path);
    seen.add(path);
    const picture = {
      path,
      label: labelAt < 0 ? null : fields[labelAt],
      subject: subjectAt < 0 ? null : fields[subjectAt],
      columns: Object.fromEntries(further.map(({ name, at }) => [name, fields[at]])),
    };
    return { ...picture, problem: problemOf(picture, isSecond, { label, subject }) };
  });
  return pictures.sort((a, b) => byCodeUnit(a.path, b.path));
}

function problemOf(
  picture: Pick<ListedPicture, 'path' | 'label' | 'subject'>,
  isSecond: boolean,
  columns: { readonly label?: string; readonly subject?: string },
): string | null {
  if (picture.path === '.') return 'the row names no file';
  if (isSecond) return 'an earlier row names the same file';
  if (picture.label === '') return `its class is empty (column '${columns.label}')`;
  if (picture.subject === '') return `its subject is empty (column '${columns.subject}')`;
  return null;
}

import { ExpectedFailure, fail } from '../../core/failure.ts';
import { byCodeUnit } from '../../core/json.ts';
import type { SourceReader, StageContext } from '../../core/stage.ts';
import { readPicture } from '../../formats/read-picture.ts';
import type { Parameters } from './declaration.ts';
import type { Intake, SkippedItem, TakenItem } from './intake.ts';
import { listPictures } from './list-pictures.ts';
import type { ListedPicture } from './read-manifest.ts';

/**
 * Pictures of a folder: those that a manifest lists, or all.
 * @throws ExpectedFailure bad-input naming every picture that cannot be used, or every class that is empty
 * without them.
 */
export async function takePictures(context: StageContext<Parameters>): Promise<Intake> {
  const { params, signal } = context;
  const reader = context.source('path');
  const files = await reader.list();
  const { pictures, notes } = await listPictures(reader, files, params);
  if (pictures.length === 0)
    fail('bad-input', `${params.manifest ?? 'the folder'}: there is no picture to take in`);
  const present = new Set(files);
  const taken: TakenPicture[] = [];
  const bad: BadPicture[] = [];
  for (const [index, picture] of pictures.entries()) {
    signal.throwIfAborted();
    const result = await takePicture(reader, picture, present);
    if ('reason' in result) bad.push(result);
    else taken.push(result);
    context.progress({ done: index + 1, total: pictures.length, unit: 'picture', values: {} });
  }
  if (bad.length > 0 && params.onBad === 'fail') failNaming(bad, pictures.length);
  const items = taken.map(({ item }) => item);
  checkClasses(items, bad);
  return { items, skipped: bad, notes: [...notes, ...noteColour(taken)] };
}

interface TakenPicture {
  readonly item: TakenItem;
  readonly colour: boolean;
}

interface BadPicture extends SkippedItem {
  readonly label: string | null;
}

async function takePicture(
  reader: SourceReader,
  picture: ListedPicture,
  present: ReadonlySet<string>,
): Promise<TakenPicture | BadPicture> {
  const { path, label, subject, columns } = picture;
  const bad = (reason: string): BadPicture => ({ source: path, label, reason });
  if (picture.problem !== null) return bad(picture.problem);
  if (!present.has(path)) return bad('there is no such file');
  const bytes = await reader.read(path);
  try {
    const { colour, ...content } = readPicture(bytes, path);
    return { item: { ...content, source: path, subject, label, columns }, colour };
  } catch (error) {
    if (!(error instanceof ExpectedFailure)) throw error;
    return bad(error.failure.message.replace(`${path}: `, ''));
  }
}

function failNaming(bad: readonly BadPicture[], total: number): never {
  const lines = bad.map(({ source, reason }) => `  ${source}: ${reason}`);
  fail(
    'bad-input',
    [`${bad.length} of ${total} pictures cannot be used (onBad: skip leaves them out):`, ...lines].join('\n'),
  );
}

/** A class of which nothing is left would vanish without a word. */
function checkClasses(items: readonly TakenItem[], bad: readonly BadPicture[]): void {
  const left = new Set(items.map(({ label }) => label));
  const emptied = bad.flatMap(({ label }) => (label && !left.has(label) ? [label] : []));
  const named = [...new Set(emptied)].sort(byCodeUnit).map((label) => `'${label}'`);
  if (items.length === 0) failNaming(bad, bad.length);
  if (named.length > 0)
    fail(
      'bad-input',
      `no picture can be used of ${named.length > 1 ? 'classes' : 'class'} ${named.join(', ')}`,
    );
}

function noteColour(taken: readonly TakenPicture[]): string[] {
  const count = taken.filter(({ colour }) => colour).length;
  return count > 0 ? [`${count} of ${taken.length} pictures are in colour: their luminance was taken`] : [];
}

import type { StageContext, StageRun } from '../../core/stage.ts';
import { writeJsonFile } from '../../formats/artifact-file.ts';
import { itemIds, subjectPseudonyms, writeImageSet } from '../../formats/image-set.ts';
import { writeColumn, writeIndex, writeLabels } from '../../formats/tables.ts';
import type { Parameters } from './declaration.ts';
import type { Intake, TakenItem } from './intake.ts';
import { takeIdx } from './take-idx.ts';
import { takePhantom } from './take-phantom.ts';
import { takePictures } from './take-pictures.ts';

const SOURCES = { phantom: takePhantom, idx: takeIdx, images: takePictures };

const run: StageRun<Parameters> = async (context) => {
  const intake = await SOURCES[context.params.source](context);
  const items = identify(intake.items);
  await writeImageSet(context.out, items);
  await writeTables(context.out, items);
  await report(context, intake, items);
};

interface IdentifiedItem extends TakenItem {
  readonly id: string;
}

/** Gives every item its id, and its subject a pseudonym. */
function identify(items: readonly TakenItem[]): IdentifiedItem[] {
  const ids = itemIds(items);
  const idsOfSubject = new Map<string, string[]>();
  items.forEach(({ subject }, index) => {
    if (subject !== null) idsOfSubject.set(subject, [...(idsOfSubject.get(subject) ?? []), ids[index]]);
  });
  const pseudonyms = subjectPseudonyms(idsOfSubject);
  return items.map((item, index) => ({
    ...item,
    id: ids[index],
    subject: item.subject === null ? null : pseudonyms.get(item.subject)!,
  }));
}

/** One file for each thing that is known, so that a change of one reruns only what reads that one. */
async function writeTables(folder: string, items: readonly IdentifiedItem[]): Promise<void> {
  await writeIndex(folder, items);
  if (items.every(({ label }) => label !== null))
    await writeLabels(folder, new Map(items.map(({ id, label }) => [id, label!])));
  for (const name of Object.keys(items[0].columns))
    await writeColumn(folder, name, new Map(items.map(({ id, columns }) => [id, columns[name]])));
}

/** Names of sources go where their owner alone can read them; the report tells of items by their ids. */
async function report(
  context: StageContext<Parameters>,
  { skipped, notes }: Intake,
  items: readonly IdentifiedItem[],
): Promise<void> {
  const named = skipped.map(({ source, reason }, index) => ({ id: `skipped-${index + 1}`, source, reason }));
  context.names(items.map(({ id, source }) => ({ id, source })));
  context.names(named.map(({ id, source }) => ({ id, source })));
  const equal = items.map(({ id }) => id).filter((id) => id.includes('-'));
  if (equal.length > 0)
    context.note(`${equal.length} items have the content of another one, and are kept: ${equal.join(', ')}`);
  if (named.length > 0) context.note(`${named.length} pictures were left out: report.json says why`);
  for (const note of notes) context.note(note);
  await writeJsonFile(context.out, 'report.json', {
    format: 1,
    items: items.length,
    subjects: new Set(items.flatMap(({ subject }) => subject ?? [])).size,
    equalContents: equal,
    skipped: named.map(({ id, reason }) => ({ id, reason })),
    notes: [...notes],
  });
}

export default run;

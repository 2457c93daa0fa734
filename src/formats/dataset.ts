import { fail } from '../core/failure.ts';
import { readArtifactFile, readJsonFile, writeArtifactFile, writeJsonFile } from './artifact-file.ts';
import { columnIndex, readCsv, writeCsv } from './csv.ts';
import { readNpyAs, writeNpy } from './npy.ts';

export const SPLIT_NAMES = ['train', 'val', 'test'] as const;
export type SplitName = (typeof SPLIT_NAMES)[number];

/** `train`: the train mean was subtracted from all; `per-split`: each split's own; `none`: nothing. */
export type Centring = 'train' | 'per-split' | 'none';

/** The images of one split. */
export interface SplitImages {
  /** [n, height, width], row-major, what `mean` says already subtracted. */
  readonly images: Float32Array;
  /** One a row. */
  readonly ids: readonly string[];
  /** One a row; null where subjects are unknown. */
  readonly subjects: readonly (string | null)[];
}

export interface DatasetInfo {
  readonly height: number;
  readonly width: number;
  /** What was subtracted from each split; 0 with `centring: none`. */
  readonly mean: { readonly [split in SplitName]: number };
  readonly centring: Centring;
}

/** What `split` writes and everything fitted reads. */
export interface Dataset<Names extends SplitName = SplitName> extends DatasetInfo {
  readonly splits: { readonly [split in Names]: SplitImages };
}

const INFO_FILE = 'dataset.json';
const ITEMS_FILE = 'items.csv';

/** Writes `train.npy`, `val.npy`, `test.npy`, `items.csv` (id, split, row, subject) and `dataset.json`. */
export async function writeDataset(folder: string, dataset: Dataset): Promise<void> {
  const { height, width, mean, centring, splits } = dataset;
  const rows: (string | number)[][] = [];
  for (const split of SPLIT_NAMES) {
    const { images, ids, subjects } = splits[split];
    await writeArtifactFile(
      folder,
      `${split}.npy`,
      writeNpy({ data: images, shape: [ids.length, height, width] }),
    );
    ids.forEach((id, row) => {
      rows.push([id, split, row, subjects[row] ?? '']);
    });
  }
  await writeArtifactFile(folder, ITEMS_FILE, writeCsv(['id', 'split', 'row', 'subject'], rows));
  const counts = { train: splits.train.ids.length, val: splits.val.ids.length, test: splits.test.ids.length };
  await writeJsonFile(folder, INFO_FILE, {
    format: 1,
    height,
    width,
    mean: { train: mean.train, val: mean.val, test: mean.test },
    centring,
    counts,
  });
}

/**
 * Reads these splits of a dataset, and no file of another.
 * @throws ExpectedFailure bad-input where the files do not fit together.
 */
export async function readDataset<Names extends SplitName>(
  folder: string,
  names: readonly Names[],
): Promise<Dataset<Names>> {
  const info = await readDatasetInfo(folder);
  const items = await readItems(folder);
  const entries: [Names, SplitImages][] = [];
  for (const name of names) entries.push([name, await readSplit(folder, { name, info, items })]);
  return { ...info, splits: Object.fromEntries(entries) as { [split in Names]: SplitImages } };
}

/** Size and centring, without any image. */
export async function readDatasetInfo(folder: string): Promise<DatasetInfo> {
  const { height, width, mean, centring } = await readJsonFile(folder, INFO_FILE);
  const means = (mean ?? {}) as { [split: string]: unknown };
  const isSound =
    [height, width].every((size) => Number.isSafeInteger(size) && (size as number) > 0) &&
    SPLIT_NAMES.every((split) => typeof means[split] === 'number') &&
    ['train', 'per-split', 'none'].includes(centring as string);
  if (!isSound) fail('bad-input', `${INFO_FILE}: expected height, width, mean of each split, and centring`);
  return { height, width, mean: means, centring } as DatasetInfo;
}

interface Item {
  readonly id: string;
  readonly split: string;
  readonly row: number;
  readonly subject: string | null;
}

async function readItems(folder: string): Promise<Item[]> {
  const table = readCsv(await readArtifactFile(folder, ITEMS_FILE), ITEMS_FILE);
  const [id, split, row, subject] = ['id', 'split', 'row', 'subject'].map((name) =>
    columnIndex(table, name, ITEMS_FILE),
  );
  return table.rows.map(({ fields }) => ({
    id: fields[id],
    split: fields[split],
    row: Number(fields[row]),
    subject: fields[subject] === '' ? null : fields[subject],
  }));
}

async function readSplit(
  folder: string,
  { name, info, items }: { name: SplitName; info: DatasetInfo; items: readonly Item[] },
): Promise<SplitImages> {
  const file = `${name}.npy`;
  const bytes = await readArtifactFile(folder, file);
  const { data, shape } = readNpyAs(bytes, { type: Float32Array, dimensions: 3, what: file });
  const members = items.filter(({ split }) => split === name).sort((a, b) => a.row - b.row);
  if (shape[1] !== info.height || shape[2] !== info.width)
    fail(
      'bad-input',
      `${file}: images of ${shape[1]}×${shape[2]}; ${INFO_FILE} says ${info.height}×${info.width}`,
    );
  if (members.length !== shape[0] || members.some(({ row }, index) => row !== index))
    fail(
      'bad-input',
      `${file}: ${shape[0]} images; ${ITEMS_FILE} has ${members.length} rows of '${name}', or not 0 … n − 1`,
    );
  return { images: data, ids: members.map(({ id }) => id), subjects: members.map(({ subject }) => subject) };
}

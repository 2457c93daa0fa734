import { fail } from '../../core/failure.ts';
import { byCodeUnit } from '../../core/json.ts';
import { createRandom } from '../../core/random.ts';
import type { StageContext, StageRun } from '../../core/stage.ts';
import { writeArtifactFile } from '../../formats/artifact-file.ts';
import { writeCsv } from '../../formats/csv.ts';
import {
  type Centring,
  SPLIT_NAMES,
  type SplitImages,
  type SplitName,
  writeDataset,
} from '../../formats/dataset.ts';
import { type Image, readImageSet, readImages } from '../../formats/image-set.ts';
import { joinById, readColumn, readIndex, readLabels } from '../../formats/tables.ts';
import { meanOf } from '../../imaging/intensity.ts';
import { assignByColumn } from './assign-by-column.ts';
import { assignByRatios, type Unit } from './assign-splits.ts';
import type { Parameters } from './declaration.ts';

type Context = StageContext<Parameters>;

const run: StageRun<Parameters> = async (context) => {
  const images = await readSubjects(context, await readImages(await readImageSet(context.input('images'))));
  checkSizes(images);
  const splitOf = await assign(context, images);
  const part = (split: SplitName): SplitImages => stack(images.filter(({ id }) => splitOf.get(id) === split));
  const splits = { train: part('train'), val: part('val'), test: part('test') };
  const { mean, centred } = centre(splits, context.params.centring);
  const { height, width } = images[0];
  await writeDataset(context.out, {
    height,
    width,
    mean,
    centring: context.params.centring,
    splits: centred,
  });
  await reportLeaks(context, splits);
};

/** Images with their subjects as the index has them; it may hold more items, of which some were dropped on the way. */
async function readSubjects({ input }: Context, images: readonly Image[]): Promise<Image[]> {
  const index = new Map((await readIndex(input('index'))).map(({ id, subject }) => [id, subject]));
  const subjects = joinById(
    images.map(({ id }) => id),
    index,
    'index.csv',
  );
  return images.map((image, at) => ({ ...image, subject: subjects[at] }));
}

function checkSizes(images: readonly Image[]): void {
  const sizes = [...new Set(images.map(({ height, width }) => `${height}×${width}`))];
  if (sizes.length > 1)
    fail('bad-input', `images differ in size: ${sizes.slice(0, 5).join(', ')}; normalise brings them to one`);
}

async function assign(context: Context, images: readonly Image[]): Promise<Map<string, SplitName>> {
  const { params, input } = context;
  const ids = images.map(({ id }) => id);
  const random = createRandom(`split ${params.seed}`);
  if (params.by === 'column') {
    const { column, values, valShare } = params;
    const said = joinById(ids, await readColumn(input('index'), column), `columns/${column}.csv`);
    const entries = ids.map((id, at) => ({ id, value: said[at] }));
    return assignByColumn(entries, { column, values, valShare, random });
  }
  if (params.ratios[0] === 0) fail('bad-parameter', 'ratios: expected something for train, and got 0');
  const labels = params.stratify ? await readLabels(input('labels')) : null;
  const classes = labels ? joinById(ids, labels, 'labels.csv') : ids.map(() => '');
  const units = unitsOf(images, classes, params.by);
  return assignByRatios(units, { ratios: params.ratios, random, unit: params.by });
}

/** A subject with slices of several classes makes a stratum with others of the same classes. */
function unitsOf(images: readonly Image[], classes: readonly string[], by: 'slice' | 'subject'): Unit[] {
  const members = new Map<string, { ids: string[]; classes: Set<string> }>();
  images.forEach(({ id, subject }, at) => {
    if (by === 'subject' && subject === null)
      fail(
        'bad-input',
        'by: subject needs subjects, and the index knows none; by: slice does not, nor by: column',
      );
    const name = by === 'subject' ? subject! : id;
    const unit = members.get(name) ?? { ids: [], classes: new Set() };
    members.set(name, unit);
    unit.ids.push(id);
    unit.classes.add(classes[at]);
  });
  return [...members].map(([name, unit]) => ({
    name,
    ids: unit.ids,
    stratum: [...unit.classes].sort(byCodeUnit).join(' + '),
  }));
}

function stack(images: readonly Image[]): SplitImages {
  const size = images.length > 0 ? images[0].pixels.length : 0;
  const stacked = new Float32Array(images.length * size);
  images.forEach(({ pixels }, row) => {
    stacked.set(pixels, row * size);
  });
  return { images: stacked, ids: images.map(({ id }) => id), subjects: images.map(({ subject }) => subject) };
}

/** What is subtracted is fitted on train, unless the study's way is asked for. */
function centre(
  splits: { readonly [split in SplitName]: SplitImages },
  centring: Centring,
): { mean: { [split in SplitName]: number }; centred: { [split in SplitName]: SplitImages } } {
  const trainMean = meanOf(splits.train.images);
  const meanFor = (split: SplitName): number => {
    if (centring === 'none' || splits[split].ids.length === 0) return 0;
    return centring === 'train' ? trainMean : meanOf(splits[split].images);
  };
  const mean = { train: meanFor('train'), val: meanFor('val'), test: meanFor('test') };
  const subtract = (split: SplitName): SplitImages => ({
    ...splits[split],
    images: splits[split].images.map((value) => value - mean[split]),
  });
  return { mean, centred: { train: subtract('train'), val: subtract('val'), test: subtract('test') } };
}

/** Neighbouring slices of one subject are nearly equal: in two splits they make its figures too good. */
async function reportLeaks(
  { out, note }: Context,
  splits: { readonly [split in SplitName]: SplitImages },
): Promise<void> {
  const countsOf = new Map<string, number[]>();
  SPLIT_NAMES.forEach((split, at) => {
    for (const subject of splits[split].subjects) {
      if (subject === null) continue;
      const counts = countsOf.get(subject) ?? SPLIT_NAMES.map(() => 0);
      counts[at] += 1;
      countsOf.set(subject, counts);
    }
  });
  const leaks = [...countsOf].filter(([, counts]) => counts.filter((count) => count > 0).length > 1);
  const rows = leaks.sort(([a], [b]) => byCodeUnit(a, b)).map(([subject, counts]) => [subject, ...counts]);
  await writeArtifactFile(out, 'leaks.csv', writeCsv(['subject', ...SPLIT_NAMES], rows));
  if (leaks.length > 0)
    note(
      `${leaks.length} of ${countsOf.size} subjects have images in several splits (leaks.csv): figures on val and test are too good`,
    );
  if (countsOf.size === 0) note('subjects are unknown: whether one is in several splits cannot be told');
}

export default run;

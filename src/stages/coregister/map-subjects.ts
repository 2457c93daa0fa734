import type { Item } from '../../core/artifact.ts';
import { fail } from '../../core/failure.ts';
import type { Json } from '../../core/json.ts';
import type { MappedStage, StageContext } from '../../core/stage.ts';
import { readJsonFile, writeJsonFile } from '../../formats/artifact-file.ts';
import {
  type Image,
  type ImageArray,
  readImageSet,
  readImages,
  type StoredImage,
  writeImageSet,
} from '../../formats/image-set.ts';
import type { Affine } from '../../imaging/affine.ts';
import type { Grid } from '../../imaging/registration/place-on-grid.ts';
import { alignToAtlas } from './align-all.ts';
import type { AlignedImage } from './align-group.ts';
import type { Parameters } from './declaration.ts';
import { gatherGroups, gridOf, noteResized } from './gather-groups.ts';
import { readAtlas } from './read-atlas.ts';
import { type Judged, writeRegistered } from './write-registered.ts';

type Context = StageContext<Parameters>;

/** What a subject's result hangs on beside its array files. */
interface Subject {
  /** As large as the largest image of all: a larger one that comes later changes every result. */
  readonly grid: Grid;
  readonly arrays: readonly ImageArray[];
}

const REPORT_FILE = 'registration.json';

/** With an atlas the subjects have nothing to do with one another. */
export const mapSubjects: MappedStage<Parameters> = {
  async items({ params, input }) {
    const { arrays } = await readImageSet(input('images'));
    if (arrays.length === 0) fail('bad-input', 'there are no images to register');
    if (params.by === 'subject' && arrays.some(({ subject }) => subject === null))
      fail('bad-input', 'by: subject needs subjects, and they are unknown; by: image does not');
    const grid = gridOf(arrays);
    const subjects = new Map<string, ImageArray[]>();
    for (const array of arrays) {
      const key = array.subject ?? 'all';
      subjects.set(key, [...(subjects.get(key) ?? []), array]);
    }
    return [...subjects].map(([key, own]): Item => {
      const value: Subject = { grid, arrays: own };
      return { key, value: value as unknown as Json, files: own.map(({ file }) => file) };
    });
  },

  async runItem(context, { value }) {
    const { grid, arrays } = value as unknown as Subject;
    const images = await readImages({ folder: context.input('images'), arrays });
    const { aligned } = await alignToAtlas(context, gatherGroups(context, images, grid));
    const report = aligned.map(({ image, spacing, before, after, toImage, problem }) => ({
      id: image.id,
      subject: image.subject,
      spacing,
      before,
      after,
      toImage,
      problem,
    }));
    await writeJsonFile(context.out, REPORT_FILE, { format: 1, images: report as unknown as Json });
    const registered = aligned.filter(({ problem }) => problem === null).map(toStored);
    if (registered.length > 0) await writeImageSet(context.out, registered);
  },

  async join(context, items) {
    const subjects = items.map(({ value }) => value as unknown as Subject);
    const [{ grid }] = subjects;
    const judged: Judged[][] = [];
    for (const { folder } of items) judged.push(await readJudged(folder));
    noteResized(
      context,
      subjects.flatMap(({ arrays }) => arrays.flatMap((array) => array.ids.map(() => array))),
      grid,
    );
    return writeRegistered(context, {
      fixed: await readAtlas(context, grid),
      images: inOrder(context, judged),
    });
  },
};

function toStored({ image, raster, spacing }: AlignedImage): StoredImage {
  return { ...image, ...raster, spacing, maxValue: 1 };
}

async function readJudged(folder: string): Promise<Judged[]> {
  const { images } = (await readJsonFile(folder, REPORT_FILE)) as unknown as {
    readonly images: readonly (Omit<Judged, 'image' | 'raster'> & {
      readonly id: string;
      readonly subject: string | null;
      readonly toImage: Affine | null;
    })[];
  };
  const registered = images.some(({ problem }) => problem === null)
    ? await readImages(await readImageSet(folder))
    : [];
  const byId = new Map(registered.map((image): [string, Image] => [image.id, image]));
  return images.map(({ id, subject, ...rest }) => ({
    ...rest,
    image: { id, subject },
    raster: byId.get(id) ?? null,
  }));
}

/** As when all are registered at once: image by image, or subject by subject as their first images come. */
function inOrder({ params }: Context, subjects: readonly (readonly Judged[])[]): Judged[] {
  const byId = (a: Judged, b: Judged) => (a.image.id < b.image.id ? -1 : 1);
  if (params.by === 'image') return subjects.flat().sort(byId);
  return [...subjects].sort(([a], [b]) => byId(a, b)).flat();
}

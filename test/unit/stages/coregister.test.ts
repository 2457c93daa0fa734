import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Item, ItemArtifact } from '../../../src/core/artifact.ts';
import { digestBytes } from '../../../src/core/digest.ts';
import type { StageContext } from '../../../src/core/stage.ts';
import { readCsv } from '../../../src/formats/csv.ts';
import {
  imageIds,
  readImageSet,
  readImages,
  type StoredImage,
  writeImageSet,
} from '../../../src/formats/image-set.ts';
import { writePng } from '../../../src/formats/png.ts';
import type { Raster } from '../../../src/imaging/raster.ts';
import declaration, { type Parameters } from '../../../src/stages/coregister/declaration.ts';
import run, { mapped } from '../../../src/stages/coregister/run.ts';
import { cornerPicture, headSlices, meanOf, noisePicture } from '../../support/heads.ts';
import { failureOf, makeTempFolder, runStage, type StageTrial } from '../../support/stage-context.ts';
import { textOf, undeclared } from './stage-files.ts';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = makeTempFolder());
});
afterEach(() => remove());

const SIZE = 32;

/** A bright ellipse with a spot, its middle moved to the right. */
function head(right: number): Uint8Array {
  return Uint8Array.from({ length: SIZE * SIZE }, (_, pixel) => {
    const [x, y] = [(pixel % SIZE) - 15.5 - right, Math.floor(pixel / SIZE) - 15.5];
    const inside = (x / 9) ** 2 + (y / 12) ** 2 < 1;
    return inside ? ((x - 3) ** 2 + (y - 4) ** 2 < 9 ? 250 : 120) : 0;
  });
}

const image = (id: string, pixels: Uint8Array, subject = `s-${id}`): StoredImage => ({
  id,
  subject,
  pixels,
  height: SIZE,
  width: SIZE,
  maxValue: 255,
  spacing: null,
});

const flat = image('flat', new Uint8Array(SIZE * SIZE));

interface Trial {
  readonly params?: StageTrial['params'];
  /** Of trials in one test. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

async function coregister(images: readonly StoredImage[], trial: Trial = {}) {
  const { params = {}, name = 'trial', signal } = trial;
  const input = join(folder, name, 'input');
  const atlas = join(folder, name, 'atlas.png');
  await writeImageSet(input, images);
  writeFileSync(atlas, writePng({ pixels: head(0), height: SIZE, width: SIZE }));
  const outcome = await runStage({ declaration, run }, join(folder, name, 'out'), {
    signal,
    params: { iterations: 60, ...(params.to === 'atlas' ? { atlas } : {}), ...params },
    inputs: { images: input },
    sources: { atlas },
  });
  expect(undeclared(declaration, outcome.out)).toEqual([]);
  const table = readCsv(Buffer.from(textOf(outcome.out, 'quality.csv')), 'quality.csv');
  const quality = table.rows.map(({ fields }) =>
    Object.fromEntries(table.columns.map((name, at) => [name, fields[at]])),
  );
  return { ...outcome, folder: outcome.out, quality, ids: imageIds(await readImageSet(outcome.out)) };
}

it('moves images onto an atlas, and says how well they lie before and after', async () => {
  const { quality, metrics, ids } = await coregister([image('a', head(4)), image('b', head(0))], {
    params: { to: 'atlas' },
  });
  expect(ids).toEqual(['a', 'b']);
  const [a] = quality;
  expect(Number(a.similarityAfter)).toBeGreaterThan(Number(a.similarityBefore) + 0.2);
  expect(Number(a.x0) + 15.5 * (Number(a.xx) + Number(a.xy))).toBeCloseTo(15.5 + 4, 0);
  expect(metrics.find(({ name }) => name === 'dropped')!.value).toBe(0);
});

it('flags an image that cannot be registered and does not pass it on', async () => {
  const { quality, ids, notes } = await coregister([image('a', head(3)), image('b', head(-3)), flat]);
  expect(ids).toEqual(['a', 'b']);
  const row = quality.find(({ id }) => id === 'flat')!;
  expect(row).toMatchObject({
    status: 'failed',
    similarityAfter: '',
    problem: expect.stringMatching(/one value/),
  });
  expect(notes.join('; ')).toMatch(/mean of all 3 images.*; 1 of 3 images could not be registered/);
});

it('fails naming them where that is asked for, and where none is left', async () => {
  const failure = await failureOf(coregister([image('a', head(1)), flat], { params: { onFailed: 'fail' } }));
  expect(failure).toMatchObject({
    reason: 'bad-input',
    message: expect.stringMatching(/\n {2}flat: a picture of one/),
  });
  expect((await failureOf(coregister([flat]))).message).toMatch(/^no image could be registered/);
});

it('moves all images of a subject alike', async () => {
  const images = [image('a', head(4), 's'), image('b', head(5), 's'), image('c', head(-2), 't')];
  const { quality } = await coregister(images, { params: { by: 'subject' } });
  const xOf = (id: string) => quality.find((row) => row.id === id)!.x0;
  expect(xOf('a')).toBe(xOf('b'));
  expect(xOf('a')).not.toBe(xOf('c'));
});

it('brings images of several sizes to the largest, and says where their pixels come from', async () => {
  const [slice] = headSlices('CT', 0);
  const [small] = headSlices('CT', 0, { size: 48 });
  const images = [stored('large', slice), stored('small', small)];
  const { quality, notes, folder: out } = await coregister(images, { params: { rounds: 1 } });
  expect(notes.join('; ')).toMatch(/1 of 2 images were resized to 64×64, aspect kept/);
  const registered = await readImages(await readImageSet(out));
  expect(registered.map(({ height, width }) => [height, width])).toEqual([
    [64, 64],
    [64, 64],
  ]);
  const row = quality.find(({ id }) => id === 'small')!;
  // A pixel of the result is 48/64 of its own, and the middle stays the middle.
  expect(Math.hypot(Number(row.xx), Number(row.yx))).toBeCloseTo(0.75, 12);
  expect(31.5 * (Number(row.xx) + Number(row.xy)) + Number(row.x0)).toBeCloseTo(23.5, 0);
});

const stored = (id: string, picture: Raster, subject = `s-${id}`): StoredImage => ({
  ...picture,
  id,
  subject,
  maxValue: 1,
  spacing: null,
});

describe('of phantom heads', () => {
  const heads = [0, 1, 2].flatMap((subject) =>
    (['CT', 'MRI'] as const).flatMap((modality) =>
      headSlices(modality, subject, { slices: 2 }).map((slice, index) =>
        stored(`${modality}${subject}-${index}`, slice, `${modality}${subject}`),
      ),
    ),
  );

  it('leaves noise out, and what elastix gives up on, and keeps all heads', async () => {
    const nonsense = [stored('noise', noisePicture('n')), stored('corner', cornerPicture())];
    const { quality, ids } = await coregister([...heads, ...nonsense], { params: { by: 'subject' } });
    const problems = quality
      .filter(({ status }) => status === 'failed')
      .map(({ id, problem }) => [id, problem]);
    expect(problems).toEqual([
      ['corner', expect.stringMatching(/^elastix: ./)],
      ['noise', expect.stringMatching(/^not like the fixed picture/)],
    ]);
    expect(ids).toHaveLength(heads.length);
  });

  it('knows noise that makes a third of the mean itself', async () => {
    const few = [heads[0], heads[2], stored('noise', noisePicture('n'))];
    const { quality } = await coregister(few);
    expect(quality.map(({ id, status }) => [id, status]).sort()).toEqual([
      [heads[0].id, 'registered'],
      [heads[2].id, 'registered'],
      ['noise', 'failed'],
    ]);
  });

  it('lays heads better on one another with a second mean', async () => {
    const likeOneAnother = async (rounds: number) => {
      const { folder: out } = await coregister(heads, {
        params: { by: 'subject', rounds },
        name: `${rounds} rounds`,
      });
      const fixed = meanOf(await readImages(await readImageSet(out)));
      return squares(fixed.pixels);
    };
    const before = squares(meanOf(heads.map(toRaster)).pixels);
    const [one, two] = [await likeOneAnother(1), await likeOneAnother(2)];
    expect(one).toBeGreaterThan(before);
    expect(two).toBeGreaterThan(one);
  });

  it('gives each image the same whatever their order', async () => {
    const results = async (images: readonly StoredImage[], name: string) => {
      const { folder: out, quality } = await coregister(images, { params: { by: 'subject' }, name });
      const registered = await readImages(await readImageSet(out));
      const digests = registered.map(({ id, pixels }) => [id, digestBytes(new Uint8Array(pixels.buffer))]);
      return { digests: digests.sort(), quality: quality.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
    };
    const subjects = [...new Set(heads.map(({ subject }) => subject))].reverse();
    const other = subjects.flatMap((subject) => heads.filter((head) => head.subject === subject).reverse());
    expect(await results(other, 'other')).toEqual(await results(heads, 'one'));
  });

  it('says how far it is', async () => {
    const { progress } = await coregister(heads.slice(0, 4), { params: { by: 'subject' } });
    expect(progress.map(({ done, total, unit }) => `${done}/${total} ${unit}`)).toEqual([
      '1/4 subject',
      '2/4 subject',
      '3/4 subject',
      '4/4 subject',
    ]);
  });

  it('looks after each group whether it is cancelled, and ends with the reason', async () => {
    const { signal } = new AbortController();
    const look = vi.spyOn(signal, 'throwIfAborted').mockImplementation(() => {
      if (look.mock.calls.length === 3) throw new Error('enough');
    });
    await expect(coregister(heads, { signal })).rejects.toThrow('enough');
    expect(look).toHaveBeenCalledTimes(3); // before the first, after it, and after the second
  });
});

const toRaster = ({ pixels, height, width }: StoredImage): Raster => ({
  pixels: Float32Array.from(pixels),
  height,
  width,
});

/** A mean of pictures has the more contrast the better they lie on one another. */
const squares = (pixels: Float32Array) => pixels.reduce((sum, value) => sum + value * value, 0);

describe('subject by subject', () => {
  const heads = [2, -3, 4, -1, 0, 3].map((right, at) => image(`i${at}`, head(right), `s${at % 3}`));
  const wide: StoredImage = {
    ...image('wide', new Uint8Array(SIZE * (SIZE + 8)).fill(9), 's1'),
    width: SIZE + 8,
  };

  /** The step's artifact, all at once or made of its items, in an order that says nothing. */
  async function both(images: readonly StoredImage[], params: StageTrial['params']) {
    const input = join(folder, 'input');
    const atlas = join(folder, 'atlas.png');
    await writeImageSet(input, images);
    writeFileSync(atlas, writePng({ pixels: head(0), height: SIZE, width: SIZE }));
    const trial: StageTrial = {
      params: { iterations: 40, to: 'atlas', atlas, ...params },
      inputs: { images: input },
      sources: { atlas },
    };
    const whole = await runStage({ declaration, run }, join(folder, 'whole'), trial);
    let items: readonly Item[] = [];
    const list = async (context: StageContext<Parameters>) => {
      items = await mapped.items(context);
    };
    await runStage({ declaration, run: list }, join(folder, 'list'), trial);
    const made: ItemArtifact[] = [];
    for (const item of [...items].reverse()) {
      const out = join(folder, 'items', item.key);
      await runStage(
        { declaration, run: (context: StageContext<Parameters>) => mapped.runItem(context, item) },
        out,
        trial,
      );
      made.unshift({ ...item, folder: out });
    }
    const joining = { declaration, run: (context: StageContext<Parameters>) => mapped.join(context, made) };
    const joined = await runStage(joining, join(folder, 'joined'), trial);
    return { whole, joined, items };
  }

  it.each(['image', 'subject'] as const)('gives the same bytes as all at once, by %s', async (by) => {
    const { whole, joined, items } = await both(
      [...heads, wide, image('flat', flat.pixels as Uint8Array, 's2')],
      { by },
    );
    expect(items.map(({ key, files }) => [key, files])).toEqual([
      ['s0', ['images/s0.npy']],
      ['s1', ['images/s1.npy', 'images/s1.2.npy']],
      ['s2', ['images/s2.npy']],
    ]);
    const names = readdirSync(whole.out, { recursive: true }).map(String).sort();
    expect(readdirSync(joined.out, { recursive: true }).map(String).sort()).toEqual(names);
    for (const name of names.filter((name) => /\.\w+$/.test(name)))
      expect(readFileSync(join(joined.out, name)).equals(readFileSync(join(whole.out, name))), name).toBe(
        true,
      );
    expect(joined.metrics).toEqual(whole.metrics);
    expect([...joined.notes].sort()).toEqual([...whole.notes].sort());
  });

  it('tells an item nothing of the other subjects but the size that all have', async () => {
    const { items } = await both(heads, { by: 'image' });
    expect(items[0].value).toEqual({
      grid: { height: SIZE, width: SIZE },
      arrays: [expect.objectContaining({ subject: 's0', ids: ['i0', 'i3'] })],
    });
  });

  it('refuses by: subject where subjects are unknown', async () => {
    const unknown = [{ ...image('a', head(1)), subject: null }];
    expect((await failureOf(both(unknown, { by: 'subject' }))).message).toMatch(
      /subjects, and they are unknown/,
    );
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCsv } from '../../../src/formats/csv.ts';
import { imageIds, readImageSet, type StoredImage, writeImageSet } from '../../../src/formats/image-set.ts';
import { writePng } from '../../../src/formats/png.ts';
import declaration from '../../../src/stages/coregister/declaration.ts';
import run from '../../../src/stages/coregister/run.ts';
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

async function coregister(images: readonly StoredImage[], params: StageTrial['params'] = {}) {
  const input = join(folder, 'input');
  const atlas = join(folder, 'atlas.png');
  await writeImageSet(input, images);
  writeFileSync(atlas, writePng({ pixels: head(0), height: SIZE, width: SIZE }));
  const outcome = await runStage({ declaration, run }, join(folder, 'out'), {
    params: { iterations: 60, ...(params.to === 'atlas' ? { atlas } : {}), ...params },
    inputs: { images: input },
    sources: { atlas },
  });
  expect(undeclared(declaration, outcome.out)).toEqual([]);
  const table = readCsv(Buffer.from(textOf(outcome.out, 'quality.csv')), 'quality.csv');
  const quality = table.rows.map(({ fields }) =>
    Object.fromEntries(table.columns.map((name, at) => [name, fields[at]])),
  );
  return { ...outcome, quality, ids: imageIds(await readImageSet(outcome.out)) };
}

it('moves images onto an atlas, and says how well they lie before and after', async () => {
  const { quality, metrics, ids } = await coregister([image('a', head(4)), image('b', head(0))], {
    to: 'atlas',
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
  const failure = await failureOf(coregister([image('a', head(1)), flat], { onFailed: 'fail' }));
  expect(failure).toMatchObject({
    reason: 'bad-input',
    message: expect.stringMatching(/\n {2}flat: a picture of one/),
  });
  expect((await failureOf(coregister([flat]))).message).toMatch(/^no image could be registered/);
});

it('moves all images of a subject alike', async () => {
  const images = [image('a', head(4), 's'), image('b', head(5), 's'), image('c', head(-2), 't')];
  const { quality } = await coregister(images, { by: 'subject' });
  const xOf = (id: string) => quality.find((row) => row.id === id)!.x0;
  expect(xOf('a')).toBe(xOf('b'));
  expect(xOf('a')).not.toBe(xOf('c'));
});

it('fails on images of several sizes', async () => {
  const small = { ...image('b', new Uint8Array(4).fill(7)), height: 2, width: 2 };
  const failure = await failureOf(coregister([image('a', head(0)), small]));
  expect(failure.message).toMatch(/differ in size: 32×32, 2×2; normalise/);
});

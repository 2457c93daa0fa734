import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  imageIds,
  itemIds,
  readImageSet,
  readImages,
  type StoredImage,
  subjectPseudonyms,
  writeImageSet,
} from '../../../src/formats/image-set.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clade-image-set-'));
});
afterEach(() => rm(folder, { recursive: true }));

function imageOf(id: string, change: Partial<StoredImage> = {}): StoredImage {
  const grey = { height: 1, width: 2, maxValue: 255, spacing: null };
  return { id, subject: null, pixels: new Uint8Array([0, 255]), ...grey, ...change };
}
const pixelsOf = (...pixels: number[]) => ({
  pixels: Uint8Array.from(pixels),
  height: 1,
  width: pixels.length,
  maxValue: 255,
});

describe('item ids', () => {
  it('are decided by size, maximum and pixels', () => {
    const id = (image: Parameters<typeof itemIds>[0][number]) => itemIds([image])[0];
    const base = pixelsOf(1, 2, 3, 4);
    expect(id(base)).toMatch(/^i[0-9a-f]{12}$/);
    expect(id(base)).toBe(id(pixelsOf(1, 2, 3, 4)));
    const others = [pixelsOf(1, 2, 3, 5), { ...base, height: 2, width: 2 }, { ...base, maxValue: 4 }];
    expect(new Set([base, ...others].map(id)).size).toBe(4);
  });

  it('tell equal content apart by its order', () => {
    const [a, b, c, d] = itemIds([pixelsOf(1), pixelsOf(2), pixelsOf(1), pixelsOf(1)]);
    expect([c, d]).toEqual([`${a}-2`, `${a}-3`]);
    expect(b).not.toBe(a);
  });
});

describe('subject pseudonyms', () => {
  it('are decided by the images alone, not by names or order', () => {
    const one = subjectPseudonyms(
      new Map([
        ['Anna', ['i1', 'i2']],
        ['Otto', ['i3']],
      ]),
    );
    const other = subjectPseudonyms(
      new Map([
        ['b', ['i3']],
        ['a', ['i2', 'i1']],
      ]),
    );
    expect(one.get('Anna')).toMatch(/^s[0-9a-f]{8}$/);
    expect([other.get('a'), other.get('b')]).toEqual([one.get('Anna'), one.get('Otto')]);
    expect(one.get('Anna')).not.toBe(one.get('Otto'));
  });
});

describe('image set', () => {
  it('comes back ordered by id, in 0 … 1, whatever the order and the kind of values', async () => {
    await writeImageSet(folder, [
      imageOf('i3', {
        subject: 's1',
        pixels: new Uint16Array([13107, 65535]),
        maxValue: 65535,
        spacing: [1, 2],
      }),
      imageOf('i1', { subject: 's2', pixels: new Float32Array([-0.5, 0.25]), maxValue: 1 }),
      imageOf('i2', { subject: 's1', pixels: new Uint8Array([51, 0]) }),
    ]);
    const set = await readImageSet(folder);
    expect(imageIds(set)).toEqual(['i1', 'i2', 'i3']);
    const images = await readImages(set);
    expect(images.map(({ id, subject, pixels, spacing }) => [id, subject, [...pixels], spacing])).toEqual([
      ['i1', 's2', [-0.5, 0.25], null],
      ['i2', 's1', [Math.fround(0.2), 0], null],
      ['i3', 's1', [Math.fround(0.2), 1], [1, 2]],
    ]);
  });

  it('has one file a subject, a further one for each further size, and one in all without subjects', async () => {
    const tall = { height: 2, width: 1 };
    await writeImageSet(folder, [
      imageOf('i2', { subject: 's1', ...tall }),
      imageOf('i1', { subject: 's1' }),
      imageOf('i4'),
      imageOf('i3'),
    ]);
    expect((await readdir(join(folder, 'images'))).sort()).toEqual(['all.npy', 's1.2.npy', 's1.npy']);
    const { arrays } = await readImageSet(folder);
    expect(arrays.map(({ file, subject, ids, height }) => [file, subject, ids, height])).toEqual([
      ['images/all.npy', null, ['i3', 'i4'], 1],
      ['images/s1.npy', 's1', ['i1'], 1],
      ['images/s1.2.npy', 's1', ['i2'], 2],
    ]);
  });

  it('gives the same bytes for any order of the images', async () => {
    const images = ['i4', 'i1', 'i3'].map((id, index) => imageOf(id, { pixels: new Uint8Array([index, 9]) }));
    const read = async () =>
      [await readFile(join(folder, 'images.json')), await readFile(join(folder, 'images/all.npy'))].map(
        String,
      );
    await writeImageSet(folder, images);
    const first = await read();
    await writeImageSet(folder, images.toReversed());
    expect(await read()).toEqual(first);
  });

  it('refuses to be empty, two images of one id, and files that do not fit together', async () => {
    await expect(writeImageSet(folder, [])).rejects.toThrow('there is no image');
    await expect(writeImageSet(folder, [imageOf('i1'), imageOf('i1')])).rejects.toThrow(
      'two images have the id i1',
    );
    await expect(readImageSet(folder)).rejects.toThrow("the artifact has no file 'images.json'");
    await writeImageSet(folder, [imageOf('i1')]);
    const index = await readFile(join(folder, 'images.json'), 'utf8');
    await writeFile(join(folder, 'images.json'), index.replace('"width": 2', '"width": 3'));
    await expect(readImages(await readImageSet(folder))).rejects.toThrow(
      'images/all.npy: shape 1×1×2; images.json says 1×1×3',
    );
    await writeFile(join(folder, 'images.json'), index.replace('images/all', '../all'));
    await expect(readImageSet(folder)).rejects.toThrow('images.json: expected arrays');
    await writeFile(join(folder, 'images.json'), '{"format": 2}');
    await expect(readImageSet(folder)).rejects.toThrow('images.json: expected "format": 1, found 2');
  });
});

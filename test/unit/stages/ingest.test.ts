import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readImageSet, readImages } from '../../../src/formats/image-set.ts';
import { writePng } from '../../../src/formats/png.ts';
import { readColumn, readIndex, readLabels } from '../../../src/formats/tables.ts';
import declaration from '../../../src/stages/ingest/declaration.ts';
import run from '../../../src/stages/ingest/run.ts';
import { failureOf, makeTempFolder, runStage, type StageTrial } from '../../support/stage-context.ts';
import { digestsOf, filesOf, jsonOf, textOf, undeclared } from './stage-files.ts';

const stage = { declaration, run };
let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = makeTempFolder());
});
afterEach(() => remove());

/** A grey 2×2 picture, all of one value but for the first pixel. */
const grey = (value: number) =>
  writePng({ pixels: Uint8Array.of(255 - value, value, value, value), height: 2, width: 2 });

function put(files: { readonly [path: string]: Uint8Array | string }): string {
  const source = join(folder, 'source');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), content);
  }
  return source;
}

function ingest(source: string, params: StageTrial['params'], out = 'out') {
  return runStage(stage, join(folder, out), {
    params: { source: 'images', ...params },
    sources: { path: source },
  });
}

const MANIFEST = 'file,class,patient,site\na.png,CT,p1,x\nb.png,MRI,p1,y\nc.png,CT,p2,x\n';
const PICTURES = { 'a.png': grey(10), 'b.png': grey(20), 'c.png': grey(30) };
const COLUMNS = { manifest: 'm.csv', label: 'class', subject: 'patient' };

describe('ingest of pictures', () => {
  it('keeps what a manifest says in files of their own, all joined by id, under no real name', async () => {
    const source = put({ ...PICTURES, 'm.csv': MANIFEST });
    const { out, names } = await ingest(source, COLUMNS);
    const idOf = Object.fromEntries(names.map(({ id, source: file }) => [file, id]));
    expect((await readLabels(out)).get(idOf['b.png'])).toBe('MRI');
    expect((await readColumn(out, 'site')).get(idOf['c.png'])).toBe('x');
    const subjects = new Map((await readIndex(out)).map(({ id, subject }) => [id, subject]));
    expect(subjects.get(idOf['a.png'])).toBe(subjects.get(idOf['b.png']));
    expect(subjects.get(idOf['a.png'])).not.toBe(subjects.get(idOf['c.png']));
    for (const path of filesOf(out)) expect(textOf(out, path)).not.toMatch(/\bp[12]\b|\.png/);
    expect(undeclared(declaration, out)).toEqual([]);
  });

  it('writes the same images and index when labels are shuffled and rows change places', async () => {
    const source = put({ ...PICTURES, 'm.csv': MANIFEST });
    const first = await ingest(source, COLUMNS);
    put({ 'm.csv': 'file,class,patient,site\nc.png,MRI,p2,x\na.png,CT,p1,x\nb.png,CT,p1,y\n' });
    const second = await ingest(source, COLUMNS, 'again');
    const unlabelled = /^(images|index|columns)/;
    expect(digestsOf(second.out, unlabelled)).toEqual(digestsOf(first.out, unlabelled));
    expect(textOf(second.out, 'labels.csv')).not.toBe(textOf(first.out, 'labels.csv'));
  });

  it('fails naming every picture that cannot be used: damaged, missing, twice, without a class', async () => {
    const source = put({
      ...PICTURES,
      'b.png': grey(20).subarray(0, 40),
      'm.csv': `${MANIFEST}gone.png,CT,p3,x\na.png,CT,p1,x\nd.png,,p4,x\n`,
      'd.png': grey(40),
    });
    const failure = await failureOf(ingest(source, COLUMNS));
    expect(failure.reason).toBe('bad-input');
    expect(failure.message).toMatch(/^4 of 6 pictures/);
    expect(failure.message).toMatch(/b\.png: damaged PNG/);
    expect(failure.message).toMatch(/gone\.png: there is no such file/);
    expect(failure.message).toMatch(/a\.png: an earlier row names the same file/);
    expect(failure.message).toMatch(/d\.png: its class is empty \(column 'class'\)/);
  });

  it('leaves bad pictures out with onBad: skip, on record without their names', async () => {
    const source = put({ ...PICTURES, 'a.png': 'no picture', 'm.csv': `${MANIFEST}gone.png,CT,p3,x\n` });
    const { out, notes, names } = await ingest(source, { ...COLUMNS, onBad: 'skip' });
    const report = jsonOf(out, 'report.json');
    expect(report).toMatchObject({ items: 2, skipped: [{ id: 'skipped-1' }, { id: 'skipped-2' }] });
    expect(JSON.stringify(report)).not.toContain('.png');
    expect(JSON.stringify(report)).toContain('not a PNG file');
    expect(names).toContainEqual({ id: 'skipped-2', source: 'gone.png' });
    expect(notes.join()).toContain('2 pictures were left out');
  });

  it('fails where nothing of a class is left, though bad pictures may be skipped', async () => {
    const source = put({ ...PICTURES, 'b.png': 'no picture', 'm.csv': MANIFEST });
    const failure = await failureOf(ingest(source, { ...COLUMNS, onBad: 'skip' }));
    expect(failure).toEqual({ reason: 'bad-input', message: "no picture can be used of class 'MRI'" });
  });

  it('makes two items of two files with equal content, and says so', async () => {
    const source = put({ 'a.png': grey(5), 'b.png': grey(5) });
    const { out, notes, names } = await ingest(source, {});
    const [first, second] = names.map(({ id }) => id);
    expect(second).toBe(`${first}-2`);
    expect((await readIndex(out)).length).toBe(2);
    expect(notes.join()).toContain('1 items have the content of another one');
  });

  it('takes the luminance of colour, with a note', async () => {
    const data = Uint8Array.of(255, 0, 0, 255, 255, 255);
    const source = put({ 'a.png': encode({ data, height: 1, width: 2, channels: 3, depth: 8 }) });
    const { out, notes } = await ingest(source, {});
    const [image] = await readImages(await readImageSet(out));
    // ITU-R BT.601: 0.299 of red.
    expect(image.pixels[0]).toBeCloseTo(0.299, 2);
    expect(image.pixels[1]).toBe(1);
    expect(notes).toEqual(['1 of 1 pictures are in colour: their luminance was taken']);
  });

  it('divides 16-bit pictures by 65,535, and takes a picture of one pixel', async () => {
    const source = put({ 'a.png': writePng({ pixels: Uint16Array.of(13107), height: 1, width: 1 }) });
    const { out } = await ingest(source, {});
    const [image] = await readImages(await readImageSet(out));
    expect([image.height, image.width]).toEqual([1, 1]);
    expect(image.pixels[0]).toBeCloseTo(13107 / 65535, 7);
  });

  it('takes classes from folders where that is asked for', async () => {
    const source = put({ 'CT/a.png': grey(1), 'deep/MRI/b.png': grey(2), 'readme.txt': 'x' });
    const { out, notes } = await ingest(source, { labelsFromFolders: true });
    expect([...(await readLabels(out)).values()].sort()).toEqual(['CT', 'MRI']);
    expect(notes).toEqual(['1 files of the folder are no pictures: not read']);
  });

  it.each<[string, StageTrial['params'], string, RegExp]>([
    ['an empty folder', {}, 'bad-input', /there is no picture/],
    ['a manifest that is not there', { manifest: 'm.csv' }, 'missing-source', /no manifest 'm.csv'/],
    ['a column without a manifest', { label: 'class' }, 'bad-parameter', /no manifest is given/],
  ])('fails on %s', async (_, params, reason, message) => {
    const failure = await failureOf(ingest(put({ 'readme.txt': 'x' }), params));
    expect(failure.reason).toBe(reason);
    expect(failure.message).toMatch(message);
  });

  it('fails on a column that the manifest lacks, naming those it has', async () => {
    const source = put({ ...PICTURES, 'm.csv': MANIFEST });
    const failure = await failureOf(ingest(source, { ...COLUMNS, label: 'modality' }));
    expect(failure.message).toBe("m.csv: no column 'modality'; there are: file, class, patient, site");
  });
});

describe('ingest of the phantom', () => {
  const params = { source: 'phantom', subjects: 2, slices: 2, size: 16 };
  it('makes the same heads for the same seed, others for another', async () => {
    const first = await runStage(stage, join(folder, '1'), { params });
    const second = await runStage(stage, join(folder, '2'), { params });
    const other = await runStage(stage, join(folder, '3'), { params: { ...params, seed: 1 } });
    expect(digestsOf(second.out)).toEqual(digestsOf(first.out));
    expect(digestsOf(other.out, /^images\//)).not.toEqual(digestsOf(first.out, /^images\//));
    expect((await readIndex(first.out)).length).toBe(12);
    expect(new Set((await readIndex(first.out)).map(({ subject }) => subject)).size).toBe(6);
    expect(new Set((await readLabels(first.out)).values())).toEqual(new Set(['CT', 'MRI', 'PET']));
    expect(undeclared(declaration, first.out)).toEqual([]);
  });
});

describe('ingest of IDX files', () => {
  const pictures = (count: number, start: number) => {
    const header = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 2];
    return Uint8Array.from([...header, ...Array.from({ length: 2 * count }, (_, index) => start + index)]);
  };
  const classes = (...labels: number[]) => Uint8Array.from([0, 0, 8, 1, 0, 0, 0, labels.length, ...labels]);
  const take = (params: StageTrial['params'], out = 'out') => {
    const source = put({
      images: pictures(4, 0),
      labels: classes(3, 1, 4, 1),
      testImages: pictures(2, 100),
      testLabels: classes(5, 9),
    });
    const names = ['images', 'labels', ...(params?.testImages ? ['testImages', 'testLabels'] : [])];
    const sources = Object.fromEntries(names.map((name) => [name, join(source, name)]));
    const given = { source: 'idx', ...sources, ...params };
    return runStage(stage, join(folder, out), { params: given, sources });
  };

  it('takes a part of the images with their classes', async () => {
    const { out, names } = await take({ offset: 1, limit: 2 });
    const labels = await readLabels(out);
    expect(names.map(({ id, source }) => [source, labels.get(id)])).toEqual([
      ['images[1]', '1'],
      ['images[2]', '4'],
    ]);
  });

  it("keeps MNIST's own train and test apart in the column 'split'", async () => {
    const { out } = await take({ testImages: 'x', testLabels: 'x', testLimit: 1 });
    expect([...(await readColumn(out, 'split')).values()].sort()).toEqual([
      'test',
      ...Array(4).fill('train'),
    ]);
    expect(undeclared(declaration, out)).toEqual([]);
  });

  it('fails where more images are asked for than there are', async () => {
    const failure = await failureOf(take({ offset: 3, limit: 2 }));
    expect(failure.reason).toBe('bad-parameter');
    expect(failure.message).toMatch(/there are 4 pictures/);
  });
});

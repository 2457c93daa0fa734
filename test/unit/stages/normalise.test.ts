import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readImageSet, readImages, type StoredImage, writeImageSet } from '../../../src/formats/image-set.ts';
import declaration from '../../../src/stages/normalise/declaration.ts';
import run from '../../../src/stages/normalise/run.ts';
import { failureOf, makeTempFolder, runStage, type StageTrial } from '../../support/stage-context.ts';
import { undeclared } from './stage-files.ts';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = makeTempFolder());
});
afterEach(() => remove());

async function normalise(image: Partial<StoredImage>, params: StageTrial['params']) {
  const images = join(folder, 'input');
  const pixels = Uint8Array.of(0, 51, 102, 255);
  await writeImageSet(images, [
    { id: 'i', subject: null, pixels, height: 2, width: 2, maxValue: 255, spacing: null, ...image },
  ]);
  const { out } = await runStage({ declaration, run }, join(folder, 'out'), { params, inputs: { images } });
  expect(undeclared(declaration, out)).toEqual([]);
  return (await readImages(await readImageSet(out)))[0];
}

it('brings an image to the size asked for, in 0 … 1, the distance of its pixels with it', async () => {
  const image = await normalise({ spacing: [2, 4] }, { size: [8, 4] });
  expect([image.height, image.width]).toEqual([8, 4]);
  expect(image.spacing).toEqual([0.5, 2]);
  expect(Math.min(...image.pixels)).toBeGreaterThanOrEqual(0); // Lanczos overshoots: clipped
  expect(Math.max(...image.pixels)).toBe(1);
});

it('keeps the aspect with pad', async () => {
  const image = await normalise({ spacing: [1, 1] }, { size: [4, 8], fit: 'pad', background: 0.5 });
  expect(image.pixels[0]).toBe(0.5);
  expect(image.spacing).toEqual([0.5, 0.5]);
});

it('takes a picture of one pixel', async () => {
  const image = await normalise({ pixels: Uint8Array.of(51), height: 1, width: 1 }, { size: [3, 3] });
  expect([...image.pixels]).toEqual(Array(9).fill(Math.fround(0.2)));
});

it('applies a window before it resamples', async () => {
  const params = {
    size: [2, 2],
    resampling: 'nearest',
    intensity: 'window',
    windowCentre: 0.3,
    windowWidth: 0.4,
  };
  const image = await normalise({}, params);
  // 0.1 … 0.5 becomes 0 … 1: of 0, 0.2, 0.4, 1.
  [0, 0.25, 0.75, 1].forEach((value, index) => {
    expect(image.pixels[index]).toBeCloseTo(value, 6);
  });
});

it('standardises what comes out', async () => {
  const { pixels } = await normalise({}, { size: [5, 5], intensity: 'standardise' });
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length;
  expect(mean).toBeCloseTo(0, 5);
  expect(variance).toBeCloseTo(1, 5);
});

it('fails on percentiles in the wrong order', async () => {
  const params = { intensity: 'percentiles', lowerPercentile: 60, upperPercentile: 40 };
  expect((await failureOf(normalise({}, params))).reason).toBe('bad-parameter');
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dataset, readDataset, readDatasetInfo, writeDataset } from '../../../src/formats/dataset.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clade-dataset-'));
});
afterEach(() => rm(folder, { recursive: true }));

const dataset: Dataset = {
  height: 1,
  width: 2,
  mean: { train: 0.5, val: 0.5, test: 0.5 },
  centring: 'train',
  splits: {
    train: { images: new Float32Array([1, 2, 3, 4]), ids: ['i1', 'i4'], subjects: ['s1', null] },
    val: { images: new Float32Array(0), ids: [], subjects: [] },
    test: { images: new Float32Array([5, 6]), ids: ['i2'], subjects: ['s2'] },
  },
};

describe('dataset', () => {
  it('comes back as it was, an empty split included', async () => {
    await writeDataset(folder, dataset);
    expect(await readDataset(folder, ['train', 'val', 'test'])).toEqual(dataset);
  });

  it('reads only the splits asked for', async () => {
    await writeDataset(folder, dataset);
    await rm(join(folder, 'test.npy'));
    await rm(join(folder, 'val.npy'));
    const { splits, mean } = await readDataset(folder, ['train']);
    expect(splits).toEqual({ train: dataset.splits.train });
    expect(mean).toEqual(dataset.mean);
    await expect(readDataset(folder, ['test'])).rejects.toThrow("the artifact has no file 'test.npy'");
  });

  it('refuses files that do not fit together', async () => {
    await writeDataset(folder, dataset);
    await writeFile(join(folder, 'items.csv'), 'id,split,row,subject\ni1,train,0,\ni4,train,2,\n');
    await expect(readDataset(folder, ['train'])).rejects.toThrow(
      "train.npy: 2 images; items.csv has 2 rows of 'train', or not 0 … n − 1",
    );
    await writeFile(join(folder, 'dataset.json'), '{"format":1,"height":2,"width":2}');
    await expect(readDatasetInfo(folder)).rejects.toThrow('dataset.json: expected height, width, mean');
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  joinById,
  readColumn,
  readIndex,
  readLabels,
  writeColumn,
  writeIndex,
  writeLabels,
} from '../../../src/formats/tables.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clade-tables-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('tables', () => {
  it('lie ordered by id and come back as they were', async () => {
    await writeIndex(folder, [
      { id: 'i2', subject: null },
      { id: 'i1', subject: 's1' },
    ]);
    expect(await readFile(join(folder, 'index.csv'), 'utf8')).toBe('id,subject\ni1,s1\ni2,\n');
    expect(await readIndex(folder)).toEqual([
      { id: 'i1', subject: 's1' },
      { id: 'i2', subject: null },
    ]);
    const values = new Map([
      ['i2', 'CT, "head"'],
      ['i1', ''],
    ]);
    await writeLabels(folder, values);
    await writeColumn(folder, 'split_as_run', values);
    expect(await readLabels(folder)).toEqual(values);
    expect(await readColumn(folder, 'split_as_run')).toEqual(values);
    expect(await readFile(join(folder, 'columns/split_as_run.csv'), 'utf8')).toBe(
      'id,value\ni1,\ni2,"CT, ""head"""\n',
    );
  });

  it('refuse an item that is there twice, a missing file, and a name that is no file name', async () => {
    await writeFile(join(folder, 'labels.csv'), 'id,label\ni1,a\ni1,b\n');
    await expect(readLabels(folder)).rejects.toThrow("labels.csv: line 3: the item 'i1' is there twice");
    await expect(readColumn(folder, 'volume')).rejects.toThrow(
      "the artifact has no file 'columns/volume.csv'",
    );
    await expect(writeColumn(folder, '../x', new Map())).rejects.toThrow(
      "a column named '../x' cannot be kept",
    );
  });

  it('join by id, naming what is missing', () => {
    const values = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    expect(joinById(['b', 'a'], values, 'labels.csv')).toEqual([2, 1]);
    expect(() => joinById(['b', 'c', 'd'], values, 'labels.csv')).toThrow(
      'labels.csv: no value for 2 of 3 items: c, d',
    );
  });
});

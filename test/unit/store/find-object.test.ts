import {
  chmodSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ArtifactRecord } from '../../../src/core/artifact.ts';
import { recordChecksum } from '../../../src/core/artifact-seal.ts';
import { systemEffects } from '../../../src/store/effects.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { fieldsOf, fingerprintOf, publishWork, query, temporaryStore } from './fixtures.ts';

const FIELDS = fieldsOf({ parameters: { size: 3 } });
const FINGERPRINT = fingerprintOf(FIELDS);
const FILES = { 'a.npy': 'twelve bytes', 'sub/b.csv': 'id,source\n' };
const METRICS = [{ name: 'acc', split: 'test', value: 0.65, better: 'higher' }] as const;

async function publishedStore(): Promise<{ store: Store; file: (path: string) => string }> {
  const store = temporaryStore();
  const { folder } = await publishWork(store, { fields: FIELDS, files: FILES, metrics: METRICS });
  return { store, file: (path) => join(folder, path) };
}

function overwrite(path: string, content: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, content);
}

function quarantined(store: Store): string[] {
  return readdirSync(join(store.folder, 'quarantine')).filter((name) => !name.endsWith('.json'));
}

describe('findObject', () => {
  test('answers absent for a fingerprint that was never made', () => {
    expect(temporaryStore().findObject(FINGERPRINT)).toEqual({ status: 'absent' });
  });

  test('serves a published object with its outputs, metrics and record', async () => {
    const { store } = await publishedStore();
    for (const look of ['first, by content', 'second, by stamps']) {
      const found = store.findObject(FINGERPRINT);
      if (found.status !== 'sound') throw new Error(look);
      expect(found.object.outputs.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
        ['a.npy', 12],
        ['sub/b.csv', 10],
      ]);
      expect(found.object.metrics).toEqual(METRICS);
      expect(found.object.record.fields).toEqual(FIELDS);
      expect(found.object.folder).toBe(join(store.folder, 'objects', FINGERPRINT.slice(0, 2), FINGERPRINT));
    }
  });

  test('sees a changed byte although size and time of change were put back', async () => {
    const { store, file } = await publishedStore();
    const before = statSync(file('a.npy'));
    overwrite(file('a.npy'), 'twelve byteS');
    utimesSync(file('a.npy'), before.atime, before.mtime);
    expect(store.findObject(FINGERPRINT)).toEqual({
      status: 'damaged',
      damaged: [{ path: 'a.npy', problem: 'changed' }],
    });
  });

  test('sees an edit through a hard link elsewhere', async () => {
    const { store, file } = await publishedStore();
    const elsewhere = join(store.folder, 'elsewhere');
    linkSync(file('a.npy'), elsewhere);
    overwrite(elsewhere, 'twelve byteZ');
    expect(store.findObject(FINGERPRINT)).toMatchObject({
      status: 'damaged',
      damaged: [{ problem: 'changed' }],
    });
  });

  test('moves a damaged object to quarantine with the reason, and answers absent from then on', async () => {
    const { store, file } = await publishedStore();
    overwrite(file('a.npy'), 'short');
    rmSync(file('sub/b.csv'));
    const damaged = [
      { path: 'a.npy', problem: 'has 5 bytes instead of 12' },
      { path: 'sub/b.csv', problem: 'missing' },
    ];
    expect(store.findObject(FINGERPRINT)).toEqual({ status: 'damaged', damaged });
    expect(store.findObject(FINGERPRINT)).toEqual({ status: 'absent' });
    const [name] = quarantined(store);
    expect(readFileSync(join(store.folder, 'quarantine', name, 'a.npy'), 'utf8')).toBe('short');
    const reason = JSON.parse(readFileSync(join(store.folder, 'quarantine', `${name}.json`), 'utf8'));
    expect(reason).toMatchObject({ fingerprint: FINGERPRINT, damaged });
    expect(store.lineage.object(FINGERPRINT)?.state).toBe('quarantined');
  });

  test('tells once that a whole object is gone', async () => {
    const { store, file } = await publishedStore();
    rmSync(file('.'), { recursive: true });
    const missing = ['a.npy', 'sub/b.csv', 'artifact.json'].map((path) => ({ path, problem: 'missing' }));
    expect(store.findObject(FINGERPRINT)).toEqual({ status: 'damaged', damaged: missing });
    expect(store.findObject(FINGERPRINT)).toEqual({ status: 'absent' });
    expect(store.lineage.object(FINGERPRINT)?.state).toBe('missing');
  });

  test('takes a changed metric in artifact.json for damage', async () => {
    const { store, file } = await publishedStore();
    overwrite(file('artifact.json'), readFileSync(file('artifact.json'), 'utf8').replace('0.65', '0.99'));
    expect(store.findObject(FINGERPRINT)).toEqual({
      status: 'damaged',
      damaged: [{ path: 'artifact.json', problem: 'changed' }],
    });
  });

  test('serves what was made again although the index is one from before, and tells it what is there', async () => {
    const store = temporaryStore();
    const first = await publishWork(store, { fields: FIELDS, files: FILES, metrics: METRICS });
    const old = join(store.folder, 'old.db');
    query(store, `VACUUM INTO '${old}'`);
    rmSync(first.folder, { recursive: true });
    store.findObject(FINGERPRINT);
    await publishWork(store, { fields: FIELDS, files: FILES, metrics: METRICS }, 'r2');
    store.close();
    for (const suffix of ['-wal', '-shm']) rmSync(join(store.folder, `lineage.db${suffix}`), { force: true });
    renameSync(old, join(store.folder, 'lineage.db'));
    const reopened = openStore({ folder: store.folder });
    onTestFinished(() => reopened.close());
    expect(reopened.findObject(FINGERPRINT).status).toBe('sound');
    expect(reopened.lineage.record(FINGERPRINT)?.attempt).toMatch(/^r2-/);
    expect(reopened.verify().findings).toEqual([]);
  });

  test.each<[string, (record: ArtifactRecord) => ArtifactRecord]>([
    ['other metrics', (record) => ({ ...record, metrics: [] })],
    ['other outputs', (record) => ({ ...record, outputs: record.outputs.slice(1) })],
    ['no checksum', ({ checksum: _, ...record }) => ({ ...record, format: 1, durationMs: 13 })],
  ])('takes a record with %s than the index knows for damage, whole though it is', async (_, change) => {
    const { store, file } = await publishedStore();
    const record = change(JSON.parse(readFileSync(file('artifact.json'), 'utf8')));
    const sealed = record.format === 2 ? { ...record, checksum: recordChecksum(record) } : record;
    overwrite(file('artifact.json'), `${JSON.stringify(sealed, null, 1)}\n`);
    expect(store.findObject(FINGERPRINT)).toMatchObject({
      status: 'damaged',
      damaged: [{ path: 'artifact.json', problem: 'changed' }],
    });
  });

  test('takes a record with one byte less for damage, although that says nothing', async () => {
    const { store, file } = await publishedStore();
    overwrite(file('artifact.json'), readFileSync(file('artifact.json'), 'utf8').trimEnd());
    expect(store.findObject(FINGERPRINT).status).toBe('damaged');
  });

  test('takes an output that became a symbolic link for damage', async () => {
    const { store, file } = await publishedStore();
    writeFileSync(join(store.folder, 'copy'), 'twelve bytes');
    rmSync(file('a.npy'));
    symlinkSync(join(store.folder, 'copy'), file('a.npy'));
    expect(store.findObject(FINGERPRINT)).toEqual({
      status: 'damaged',
      damaged: [{ path: 'a.npy', problem: 'is not a regular file' }],
    });
  });

  test('goes on serving after a touch, and moves a file that is not listed out of the object', async () => {
    const { store, file } = await publishedStore();
    store.findObject(FINGERPRINT);
    utimesSync(file('a.npy'), new Date(), new Date());
    writeFileSync(file('sub/stranger.csv'), 'not an output');
    expect(store.findObject(FINGERPRINT).status).toBe('sound');
    expect(readdirSync(file('sub'))).toEqual(['b.csv']);
    expect(quarantined(store)).toHaveLength(1);
    expect(store.findObject(FINGERPRINT).status).toBe('sound');
  });

  test('finds and records an object that the index does not know', async () => {
    const { store } = await publishedStore();
    for (const table of ['objects', 'outputs', 'entries', 'metrics']) query(store, `DELETE FROM ${table}`);
    expect(store.lineage.object(FINGERPRINT)).toBeNull();
    expect(store.findObject(FINGERPRINT).status).toBe('sound');
    expect(store.lineage.object(FINGERPRINT)).toMatchObject({ state: 'published', sizeBytes: 22 });
    expect(store.lineage.metrics(FINGERPRINT)).toEqual(METRICS);
  });

  test('does not believe an index entry with a flipped bit', async () => {
    const { store } = await publishedStore();
    query(store, `UPDATE entries SET entry = replace(entry, 'a.npy', 'a.npz')`);
    const found = store.findObject(FINGERPRINT);
    expect(found.status === 'sound' && found.object.outputs[0].path).toBe('a.npy');
  });

  test('only looks where the store is opened for reading: a damaged object stays where it is', async () => {
    const { store, file } = await publishedStore();
    overwrite(file('a.npy'), 'twelve byteS');
    const reader = openStore({ folder: store.folder, readOnly: true });
    expect(reader.findObject(FINGERPRINT).status).toBe('damaged');
    expect(reader.findObject(FINGERPRINT).status).toBe('damaged');
    reader.close();
    expect(readdirSync(store.folder)).not.toContain('quarantine');
  });

  test('verifyObject reads what findObject would believe by its stamps', async () => {
    const { store } = await publishedStore();
    await new Promise((resolve) => setTimeout(resolve, 60)); // let the stamps settle
    store.findObject(FINGERPRINT);
    const row = query(store, 'SELECT entry FROM entries')[0].entry as string;
    expect(JSON.parse(row)[3]).not.toContain(null);
    expect(store.verifyObject(FINGERPRINT).status).toBe('sound');
  });
});

test('an object that a collection moves away in the middle of the look is absent, not damaged', async () => {
  const folder = temporaryStore().folder;
  let atLook = () => {};
  const nowMs = () => {
    atLook(); // asked once the folder was seen, before anything in it is
    return Date.now();
  };
  const effects = { ...systemEffects, clock: { ...systemEffects.clock, nowMs } };
  const store = openStore({ folder, effects });
  onTestFinished(() => store.close());
  const object = await publishWork(store, { fields: FIELDS });
  for (const sql of [`UPDATE objects SET state = 'removed'`, 'DELETE FROM entries']) query(store, sql);
  atLook = () => {
    atLook = () => {};
    renameSync(object.folder, join(folder, 'away'));
  };
  expect(store.findObject(FINGERPRINT)).toEqual({ status: 'absent', removed: true });
  expect(readdirSync(folder)).not.toContain('quarantine');
});

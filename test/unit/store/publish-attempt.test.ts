import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { systemEffects } from '../../../src/store/effects.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import {
  beginAttempt,
  fieldsOf,
  fingerprintOf,
  finishWork,
  publishWork,
  query,
  temporaryStore,
  type Work,
} from './fixtures.ts';

const FIELDS = fieldsOf();
const FINGERPRINT = fingerprintOf(FIELDS);

async function publish(store: Store, work: Work, prepare: (attemptFolder: string) => void = () => {}) {
  const { attempt, lease } = await beginAttempt(store, work);
  finishWork(attempt, lease, work);
  prepare(attempt.folder);
  const publication = await store.publish(attempt, lease);
  lease.release();
  return publication;
}

function names(store: Store, folder: string): string[] {
  return existsSync(join(store.folder, folder)) ? readdirSync(join(store.folder, folder)).sort() : [];
}

/** A store that takes every other process for dead: what a takeover looks like from the other side. */
function ruthlessStore(folder: string): Store {
  const processes = { ...systemEffects.processes, liveness: () => 'dead' as const };
  const store = openStore({ folder, effects: { ...systemEffects, processes } });
  onTestFinished(() => store.close());
  return store;
}

describe('publish', () => {
  test('moves the work into objects/, read-only, and leaves no attempt and no lease behind', async () => {
    const store = temporaryStore();
    const { folder } = await publishWork(store, { fields: FIELDS, files: { 'out.txt': 'hello' } });
    expect(readdirSync(folder).sort()).toEqual(['artifact.json', 'out.txt']);
    if (process.platform !== 'win32') expect(statSync(join(folder, 'out.txt')).mode & 0o777).toBe(0o444);
    expect(names(store, 'attempts')).toEqual([]);
    expect(names(store, 'leases')).toEqual([]);
  });

  test('keeps the log with the run', async () => {
    const store = temporaryStore();
    const { attempt, lease } = await beginAttempt(store, { fields: FIELDS }, 'run-7');
    const line = { at: '2026-11-23T05:12:00.000Z', level: 'info', message: 'epoch 1 done' };
    writeFileSync(join(attempt.folder, 'log.jsonl'), `${JSON.stringify(line)}\n{"at":"cut o`);
    finishWork(attempt, lease, { fields: FIELDS });
    await store.publish(attempt, lease);
    expect(store.logTail(attempt)).toEqual(['epoch 1 done']);
    expect(names(store, 'runs/run-7/logs')).toEqual([`${attempt.id}.jsonl`]);
  });

  test('puts the names of sources beside the object, readable by the owner alone', async () => {
    const store = temporaryStore();
    await publish(store, { fields: FIELDS }, (folder) =>
      writeFileSync(join(folder, 'names.csv'), 'id,source\n0,a.png\n'),
    );
    const file = join(store.folder, 'names', `${FINGERPRINT}.csv`);
    expect(readFileSync(file, 'utf8')).toContain('a.png');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('records inputs with the objects they came from, sources and metrics', async () => {
    const store = temporaryStore();
    const upstream = await publishWork(store, { fields: FIELDS, files: { 'images.npy': 'pixels' } });
    const inputs = { images: { 'images.npy': digestBytes('pixels') } };
    const sources = { path: { 'a.png': digestBytes('png') } };
    const fields = fieldsOf({ stage: 'next', inputs, sources });
    const work = { fields, sourcesRead: sources, stepId: 'next' };
    await publish(store, work, (folder) => {
      writeFileSync(join(folder, 'job.json'), JSON.stringify({ inputs: { images: upstream.folder } }));
    });
    const [link] = store.lineage.upstream(fingerprintOf(fields));
    expect(link).toEqual({
      input: 'images',
      point: null,
      fingerprint: FINGERPRINT,
      files: [{ path: 'images.npy', digest: digestBytes('pixels') }],
    });
    store.reindex();
    expect(query(store, 'SELECT upstream FROM inputs')).toEqual([{ upstream: FINGERPRINT }]);
    expect(store.lineage.downstream(FINGERPRINT).map(({ stage }) => stage)).toEqual(['next']);
    expect(store.lineage.findBySourceDigest(digestBytes('png'))).toMatchObject([
      { parameter: 'path', path: 'a.png' },
    ]);
    expect(store.lineage.findByFileDigest(digestBytes('pixels'))).toMatchObject([{ path: 'images.npy' }]);
  });

  const refused: [string, Work, (folder: string) => void, string][] = [
    [
      'no artifact.json',
      { fields: FIELDS },
      (folder) => rmSync(join(folder, 'work', 'artifact.json')),
      'worker-died',
    ],
    [
      'a missing output',
      { fields: FIELDS },
      (folder) => rmSync(join(folder, 'work', 'out.txt')),
      'worker-died',
    ],
    [
      'an output cut short',
      { fields: FIELDS },
      (folder) => truncateSync(join(folder, 'work', 'out.txt'), 2),
      'worker-died',
    ],
    [
      'an output of other bytes',
      { fields: FIELDS },
      (folder) => writeFileSync(join(folder, 'work', 'out.txt'), 'hellO'),
      'worker-died',
    ],
    [
      'a file that is not listed',
      { fields: FIELDS },
      (folder) => writeFileSync(join(folder, 'work', 'more.txt'), ''),
      'worker-died',
    ],
    [
      'a fingerprint that is not that of the fields',
      { fields: FIELDS, change: (record) => ({ ...record, fields: fieldsOf({ stage: 'other' }) }) },
      () => {},
      'worker-died',
    ],
    [
      'an output outside of the work',
      {
        fields: FIELDS,
        change: (record) => ({
          ...record,
          outputs: [{ path: '../job.json', digest: digestBytes(''), sizeBytes: 0 }],
        }),
      },
      () => {},
      'worker-died',
    ],
    [
      'a source read with another content than planned',
      { fields: FIELDS, sourcesRead: { path: { 'a.png': digestBytes('new') } } },
      () => {},
      'source-changed',
    ],
  ];
  test.each(refused)('refuses %s, and nothing of it is seen', async (_, work, spoil, reason) => {
    const store = temporaryStore();
    const publication = await publish(store, work, spoil);
    expect(publication).toMatchObject({ ok: false, failure: { reason } });
    expect(names(store, 'objects')).toEqual([]);
    expect(store.findObject(FINGERPRINT)).toEqual({ status: 'absent' });
  });

  test('refuses artifact.json truncated at any length', async () => {
    const store = temporaryStore();
    const { attempt, lease } = await beginAttempt(store, { fields: FIELDS });
    finishWork(attempt, lease, { fields: FIELDS });
    const file = join(attempt.folder, 'work', 'artifact.json');
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length - 1; length += 7) {
      writeFileSync(file, whole.subarray(0, length));
      expect(await store.publish(attempt, lease)).toMatchObject({
        ok: false,
        failure: { reason: 'worker-died' },
      });
    }
    writeFileSync(file, whole);
    expect((await store.publish(attempt, lease)).ok).toBe(true);
  });

  test('refuses a result under a lease that was taken over', async () => {
    const store = temporaryStore();
    const { attempt, lease } = await beginAttempt(store, { fields: FIELDS });
    const claim = await ruthlessStore(store.folder).claim(FINGERPRINT, 'r2');
    expect('lease' in claim && claim.lease.epoch).toBe(lease.epoch + 1);
    finishWork(attempt, lease, { fields: FIELDS });
    const publication = await store.publish(attempt, lease);
    expect(publication).toMatchObject({ ok: false, failure: { reason: 'cancelled' } });
    expect(names(store, 'objects')).toEqual([]);
  });

  test('answers a second result of the same bytes with the first object', async () => {
    const store = temporaryStore();
    const first = await publishWork(store, { fields: FIELDS });
    const again = await publish(store, { fields: FIELDS });
    expect(again).toMatchObject({ ok: true, duplicate: true, object: { folder: first.folder } });
    expect(names(store, 'attempts')).toEqual([]);
  });

  test('reports a second result of other bytes, keeps the first and puts the second in quarantine', async () => {
    const store = temporaryStore();
    const first = await publishWork(store, { fields: FIELDS, files: { 'out.txt': 'hello' } });
    const again = await publish(store, { fields: FIELDS, files: { 'out.txt': 'hallo' } });
    expect(again).toMatchObject({
      ok: false,
      failure: { reason: 'not-deterministic' },
      differing: ['out.txt'],
    });
    expect(readFileSync(join(first.folder, 'out.txt'), 'utf8')).toBe('hello');
    const kept = names(store, 'quarantine').find((name) => name.endsWith('-differing'))!;
    expect(readFileSync(join(store.folder, 'quarantine', kept, 'out.txt'), 'utf8')).toBe('hallo');
  });

  test('replaces an object that is damaged', async () => {
    const store = temporaryStore();
    const { folder } = await publishWork(store, { fields: FIELDS });
    rmSync(join(folder, 'out.txt'));
    expect(await publish(store, { fields: FIELDS })).toMatchObject({ ok: true, duplicate: false });
    expect(store.findObject(FINGERPRINT).status).toBe('sound');
  });

  test('names a folder that stands where a file should', async () => {
    const store = temporaryStore();
    const publication = await publish(store, { fields: FIELDS }, (folder) => {
      rmSync(join(folder, 'work', 'out.txt'));
      mkdirSync(join(folder, 'work', 'out.txt'));
    });
    expect(publication).toMatchObject({ ok: false, failure: { reason: 'worker-died' } });
  });
});

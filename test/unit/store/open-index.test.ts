import {
  chmodSync,
  copyFileSync,
  cpSync,
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
import type { RunEvent } from '../../../src/core/events.ts';
import { toFailure } from '../../../src/core/failure.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { openLineage } from '../../../src/store/read-lineage.ts';
import { SCHEMA_VERSION } from '../../../src/store/schema.ts';
import { fieldsOf, fingerprintOf, publishWork, query, temporaryFolder } from './fixtures.ts';

const FIELDS = fieldsOf({ parameters: { size: 3 } });
const FINGERPRINT = fingerprintOf(FIELDS);
const METRICS = [{ name: 'acc', split: 'test', value: 0.65, better: 'higher' }] as const;

/** A folder with one object and one finished run; its store is closed. */
async function finishedFolder(): Promise<{ folder: string; runId: string; index: string }> {
  const folder = join(temporaryFolder(), 'artifacts');
  const store = openStore({ folder });
  const run = store.startRun({
    pipeline: 'thesis',
    file: 'thesis.yaml',
    text: '',
    points: [{}],
    engine: 'wasm',
    versions: {},
  });
  const base = { at: '2026-11-23T05:12:00.000Z', runId: run.id };
  const started = {
    attempt: 'a1',
    fingerprint: FINGERPRINT,
    reasons: [{ code: 'never-made', field: 'copy' }],
    resumedFrom: null,
  } as const;
  const ended = { attempt: 'a1', fingerprint: FINGERPRINT, durationMs: 12, metrics: METRICS, notes: [] };
  const steps = { total: 1, executed: 1, reused: 0, failed: 0, skipped: 0 };
  const events: RunEvent[] = [
    { ...base, event: 'step-planned', stepId: 'copy', uses: 'copy', point: {}, dependsOn: [] },
    { ...base, event: 'step-started', stepId: 'copy', ...started },
    { ...base, event: 'step-finished', stepId: 'copy', ...ended },
    { ...base, event: 'run-finished', status: 'succeeded', steps, durationMs: 34 },
  ];
  await publishWork(store, { fields: FIELDS, metrics: METRICS }, run.id);
  for (const event of events) run.append(event);
  run.settled({
    step: { id: 'copy', key: 'copy', uses: 'copy', point: {}, params: { size: 3 } },
    verdict: 'executed',
    fingerprint: FINGERPRINT,
    attempt: 'a1',
    reasons: started.reasons,
    failure: null,
    durationMs: 12,
  });
  run.finish({ status: 'succeeded', steps, durationMs: 34 });
  store.close();
  return { folder, runId: run.id, index: join(folder, 'lineage.db') };
}

function reopen(folder: string, readOnly = false): Store {
  const store = openStore({ folder, readOnly });
  onTestFinished(() => store.close());
  return store;
}

/** Everything that lineage tells of the folder. */
function knowledge(store: Pick<Store, 'lineage'>) {
  const { lineage } = store;
  const runs = lineage
    .listRuns()
    .map(({ finishedAt, ...run }) => ({ ...run, finished: finishedAt !== null }));
  const objects = lineage
    .findObjects('')
    .map(({ publishedAt, ...object }) => ({ ...object, published: publishedAt !== null }));
  return {
    runs,
    steps: runs.map(({ id }) => lineage.steps(id)),
    objects,
    record: lineage.record(FINGERPRINT),
  };
}

describe('the index', () => {
  test('is rebuilt from the folders after it was deleted, with all that it knew', async () => {
    const { folder, index } = await finishedFolder();
    const store = openStore({ folder });
    const before = knowledge(store);
    store.close();
    expect(before.runs).toHaveLength(1);
    rmSync(index);
    const rebuilt = reopen(folder);
    expect(knowledge(rebuilt)).toEqual(before);
    expect(rebuilt.findObject(FINGERPRINT).status).toBe('sound');
  });

  test('is the same after reindex', async () => {
    const { folder } = await finishedFolder();
    const store = reopen(folder);
    const before = knowledge(store);
    expect(store.reindex()).toEqual({ objects: 1, runs: 1 });
    expect(knowledge(store)).toEqual(before);
  });

  test('truncated at any length is detected, moved aside and rebuilt', async () => {
    const { folder, index } = await finishedFolder();
    const store = openStore({ folder });
    const before = knowledge(store);
    store.close();
    const whole = join(temporaryFolder(), 'whole.db');
    copyFileSync(index, whole);
    const { size } = statSync(whole);
    for (let length = 0; length < size; length += Math.ceil(size / 23)) {
      copyFileSync(whole, index);
      truncateSync(index, length);
      const opened = openStore({ folder });
      expect(knowledge(opened)).toEqual(before);
      expect(opened.findObject(FINGERPRINT).status).toBe('sound');
      opened.close();
    }
  });

  test('with damaged pages never serves a wrong digest', async () => {
    const { folder, index } = await finishedFolder();
    const whole = readFileSync(index);
    let served = 0;
    for (let at = 0; at < whole.length; at += 997) {
      const bytes = Buffer.from(whole);
      bytes[at] ^= 1 << (at % 8);
      for (const suffix of ['-wal', '-shm']) rmSync(index + suffix, { force: true });
      writeFileSync(index, bytes);
      const store = openStore({ folder });
      const found = store.findObject(FINGERPRINT);
      if (found.status === 'sound') {
        served++;
        expect(found.object.outputs).toEqual(found.object.record.outputs);
        expect(found.object.metrics).toEqual(METRICS);
      }
      store.close();
    }
    expect(served).toBe(Math.ceil(whole.length / 997)); // damage to the index never costs an object
  });

  test('found damaged in the middle of the work is rebuilt, and the work goes on', async () => {
    const { folder, index } = await finishedFolder();
    const bytes = readFileSync(index);
    bytes.fill(0xff, 4096 * 2);
    writeFileSync(index, bytes);
    const store = reopen(folder);
    expect(store.findObject(FINGERPRINT).status).toBe('sound');
    expect(store.lineage.listRuns()).toHaveLength(1);
    expect(readdirSync(join(folder, 'quarantine')).some((name) => name.startsWith('index-'))).toBe(true);
  });

  test('that is not an index at all is replaced, with a note', async () => {
    const { folder, index } = await finishedFolder();
    writeFileSync(index, 'this is a letter to my grandmother, and no database'.repeat(100));
    const store = reopen(folder);
    expect(store.notes.join()).toContain('damaged');
    expect(store.lineage.listRuns()).toHaveLength(1);
  });

  test('left behind as a log alone is not replayed into a new one', async () => {
    const { folder, index } = await finishedFolder();
    const copy = temporaryFolder();
    const store = openStore({ folder });
    store.startRun({ pipeline: 'p', file: 'p', text: '', points: [], engine: 'wasm', versions: {} });
    cpSync(`${index}-wal`, join(copy, 'wal'));
    store.close();
    rmSync(index);
    cpSync(join(copy, 'wal'), `${index}-wal`);
    const rebuilt = reopen(folder);
    expect(rebuilt.notes.join()).toContain('log left behind');
    expect(rebuilt.lineage.listRuns()).toHaveLength(2);
  });

  test('with its log cut at any length keeps what was written before, and finds the rest again', async () => {
    const { folder, index, runId } = await finishedFolder();
    const store = openStore({ folder });
    const fields = fieldsOf({ parameters: { size: 4 } });
    await publishWork(store, { fields });
    const [db, log] = [readFileSync(index), readFileSync(`${index}-wal`)];
    store.close();
    for (let length = 0; length <= log.length; length += Math.ceil(log.length / 17)) {
      writeFileSync(index, db);
      writeFileSync(`${index}-wal`, log.subarray(0, length));
      rmSync(`${index}-shm`, { force: true });
      const opened = openStore({ folder });
      await opened.recover();
      expect(opened.lineage.findObjects('')).toHaveLength(2);
      expect(opened.lineage.findRuns(runId)).toMatchObject([{ status: 'succeeded' }]);
      expect(opened.findObject(fingerprintOf(fields)).status).toBe('sound');
      opened.close();
    }
  });

  test('of a newer version is refused by name, not replaced', async () => {
    const { folder } = await finishedFolder();
    const store = openStore({ folder });
    query(store, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    store.close();
    expect(() => openStore({ folder })).toThrow('newer clade');
  });
});

describe('a folder that cannot be written', () => {
  test('is named when the store is opened', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const folder = join(file, 'artifacts');
    let thrown: unknown;
    try {
      openStore({ folder });
    } catch (error) {
      thrown = error;
    }
    expect(toFailure(thrown)).toMatchObject({
      reason: 'not-writable',
      message: expect.stringContaining(folder),
    });
  });

  test.skipIf(process.getuid?.() === 0)('is refused with not-writable for want of permission', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    onTestFinished(() => chmodSync(folder, 0o755));
    expect(() => openStore({ folder: join(folder, 'artifacts') })).toThrow('cannot be used');
  });
});

describe('openLineage', () => {
  test('knows nothing of a folder that is not there, and does not make it', () => {
    const folder = join(temporaryFolder(), 'absent');
    const lineage = openLineage(folder);
    expect(lineage.listRuns()).toEqual([]);
    lineage.close();
    expect(existsSync(folder)).toBe(false);
  });

  test('tells everything without an index, and with a damaged one, and leaves both as they are', async () => {
    const { folder, index } = await finishedFolder();
    const sound = openLineage(folder);
    const before = knowledge({ lineage: sound });
    sound.close();
    const whole = readFileSync(index);
    for (const spoil of [
      () => rmSync(index),
      () => writeFileSync(index, Buffer.from(whole).fill(0xff, 2 * 4096)),
      () => writeFileSync(index, whole.subarray(0, whole.length / 2)),
      () => writeFileSync(index, 'no database'),
    ]) {
      spoil();
      const lineage = openLineage(folder);
      expect(knowledge({ lineage })).toEqual(before);
      lineage.close();
    }
    expect(readFileSync(index, 'utf8')).toBe('no database');
    expect(readdirSync(folder)).not.toContain('quarantine');
  });

  test('reads on while a store writes', async () => {
    const { folder } = await finishedFolder();
    const store = reopen(folder);
    const lineage = openLineage(folder);
    onTestFinished(() => lineage.close());
    mkdirSync(join(folder, 'other'), { recursive: true });
    await publishWork(store, { fields: fieldsOf({ parameters: { size: 4 } }) });
    expect(lineage.findObjects('')).toHaveLength(2);
  });
});

describe('a bit flipped in a text of the index, which SQLite cannot see', () => {
  const COLUMNS = ['objects.record', 'codes.modules', 'runs.points', 'runs.process', 'run_steps.reasons'];
  test.each(
    COLUMNS,
  )('of %s: lineage answers from an index made anew, and the run goes on', async (column) => {
    const { folder, runId } = await finishedFolder();
    const before = knowledge(reopen(folder));
    const [table, name] = column.split('.');
    query(reopen(folder), `UPDATE ${table} SET ${name} = '{' || ${name}`);
    expect(knowledge(reopen(folder, true))).toEqual(before); // only looked at: from a copy
    const store = reopen(folder);
    await store.recover();
    expect(knowledge(store)).toEqual(before);
    expect(store.lineage.findRuns(runId)).toHaveLength(1);
    expect(store.verify().findings).toEqual([]);
  });

  test('is named by verify', async () => {
    const { folder } = await finishedFolder();
    query(reopen(folder), `UPDATE objects SET record = '{' || record`);
    expect(reopen(folder, true).verify().findings).toMatchObject([
      { kind: 'index', problem: 'the index holds what is no JSON' },
    ]);
  });
});

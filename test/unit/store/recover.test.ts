import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  checkpointFolderName,
  describeCheckpoint,
  encodeCheckpointManifest,
} from '../../../src/core/checkpoint-format.ts';
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
  temporaryFolder,
  temporaryStore,
} from './fixtures.ts';

const FIELDS = fieldsOf({ parameters: { epochs: 200 } });
const FINGERPRINT = fingerprintOf(FIELDS);

/** A store of a process that is dead as far as every other one can tell. */
function storeOfTheDead(folder = join(temporaryFolder(), 'artifacts')): Store {
  const own = () => ({ ...systemEffects.processes.own(), boot: 'an earlier one' });
  const store = openStore({
    folder,
    effects: { ...systemEffects, processes: { ...systemEffects.processes, own } },
  });
  onTestFinished(() => store.close());
  return store;
}

function saveCheckpoint(attempt: { folder: string }, number: number, weights = `weights ${number}`): string {
  const folder = join(attempt.folder, 'checkpoint', checkpointFolderName(number));
  const files = new Map([['weights.bin', Buffer.from(weights)]]);
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  writeFileSync(
    join(folder, 'manifest.json'),
    encodeCheckpointManifest(describeCheckpoint(FINGERPRINT, number, files)),
  );
  return folder;
}

const attemptsIn = (store: Store) => readdirSync(join(store.folder, 'attempts'));

describe('recover', () => {
  test('publishes what a dead process finished', async () => {
    const dead = storeOfTheDead();
    const { attempt, lease } = await beginAttempt(dead, { fields: FIELDS });
    finishWork(attempt, lease, { fields: FIELDS });
    const store = temporaryStore(dead.folder);
    expect(await store.recover()).toMatchObject({ published: [FINGERPRINT], removed: 0, refused: [] });
    expect(store.findObject(FINGERPRINT).status).toBe('sound');
    expect(attemptsIn(store)).toEqual([]);
    expect(readdirSync(join(store.folder, 'leases'))).toEqual([]);
  });

  test('at the same time in two processes publishes once, and neither stumbles over the other', async () => {
    const dead = storeOfTheDead();
    for (const epochs of [1, 2, 3, 4]) {
      const fields = fieldsOf({ parameters: { epochs } });
      const { attempt, lease } = await beginAttempt(dead, { fields });
      writeFileSync(join(attempt.folder, 'log.jsonl'), '{"message":"done"}\n');
      finishWork(attempt, lease, { fields });
    }
    const stores = [temporaryStore(dead.folder), temporaryStore(dead.folder)];
    const recoveries = await Promise.all(stores.map((store) => store.recover()));
    expect(recoveries.flatMap(({ published }) => published)).toHaveLength(4);
    expect(recoveries.flatMap(({ refused }) => refused)).toEqual([]);
    await stores[0].recover();
    expect(attemptsIn(stores[0])).toEqual([]);
  });

  test('touches nothing that a living process holds', async () => {
    const living = temporaryStore();
    const { attempt, lease } = await beginAttempt(living, { fields: FIELDS });
    const other = temporaryStore(living.folder);
    expect(await other.recover()).toMatchObject({ published: [], removed: 0 });
    finishWork(attempt, lease, { fields: FIELDS });
    expect(await other.recover()).toMatchObject({ published: [], removed: 0 });
    expect(await living.publish(attempt, lease)).toMatchObject({ ok: true });
  });

  test('clears away a lease that nobody holds, unless an attempt waits to be gone on from', async () => {
    const store = temporaryStore();
    const leases = () => readdirSync(join(store.folder, 'leases'));
    const first = await beginAttempt(store, { fields: FIELDS });
    saveCheckpoint(first.attempt, 1);
    await store.recover();
    expect(leases()).toEqual([FINGERPRINT]); // it is held
    store.abandon(first.attempt);
    first.lease.release();
    await store.recover();
    expect(leases()).toEqual([FINGERPRINT]);
    const second = await beginAttempt(store, { fields: FIELDS });
    expect(second.lease.epoch).toBe(2);
    rmSync(join(first.attempt.folder, 'checkpoint'), { recursive: true });
    for (const { attempt } of [first, second]) store.abandon(attempt);
    second.lease.release();
    await store.recover();
    expect(leases()).toEqual([]);
  });

  test('refuses a finished result with other bytes than it lists, and clears it away', async () => {
    const dead = storeOfTheDead();
    const { attempt, lease } = await beginAttempt(dead, { fields: FIELDS });
    finishWork(attempt, lease, { fields: FIELDS });
    writeFileSync(join(attempt.folder, 'work', 'out.txt'), 'hellO');
    const store = temporaryStore(dead.folder);
    expect(await store.recover()).toMatchObject({
      published: [],
      removed: 1,
      refused: [{ attempt: attempt.id }],
    });
    expect(store.findObject(FINGERPRINT).status).toBe('absent');
  });

  test('keeps of an unfinished attempt its checkpoint and its log, and nothing else', async () => {
    const dead = storeOfTheDead();
    const { attempt } = await beginAttempt(dead, { fields: FIELDS });
    saveCheckpoint(attempt, 3);
    writeFileSync(join(attempt.folder, 'work', 'half.bin'), 'half');
    writeFileSync(join(attempt.folder, 'log.jsonl'), `${JSON.stringify({ message: 'epoch 3' })}\n`);
    const store = temporaryStore(dead.folder);
    expect(await store.recover()).toMatchObject({ resumable: [attempt.id], removed: 0 });
    expect(readdirSync(attempt.folder)).toEqual(['checkpoint']);
    expect(store.logTail(attempt)).toEqual(['epoch 3']);
    expect(store.newestCheckpoint(FINGERPRINT)).toMatchObject({ attempt: attempt.id });
  });

  test('records objects that were published and not recorded, and looks only where something changed', async () => {
    const store = temporaryStore();
    for (let i = 0; i < 5; i++) await publishWork(store, { fields: fieldsOf({ parameters: { i } }) });
    await new Promise((resolve) => setTimeout(resolve, 60)); // let the folders' stamps settle
    expect(await store.recover()).toMatchObject({ recorded: 0 });
    await publishWork(store, { fields: FIELDS });
    for (const table of ['objects', 'entries'])
      query(store, `DELETE FROM ${table} WHERE fingerprint = '${FINGERPRINT}'`);
    expect(await store.recover()).toMatchObject({ recorded: 1 });
    expect(store.lineage.object(FINGERPRINT)?.state).toBe('published');
  });

  test('does not record an object whose record is not sound', async () => {
    const store = temporaryStore();
    const { folder } = await publishWork(store, { fields: FIELDS });
    for (const table of ['objects', 'entries']) query(store, `DELETE FROM ${table}`);
    rmSync(join(folder, 'artifact.json'));
    writeFileSync(join(folder, 'artifact.json'), '{"format":1,');
    expect(await store.recover()).toMatchObject({ recorded: 0 });
    expect(store.findObject(FINGERPRINT).status).toBe('damaged');
  });

  test('finds a run that the index has lost', async () => {
    const store = temporaryStore();
    const run = store.startRun({
      pipeline: 'p',
      file: 'p.yaml',
      text: '',
      points: [{}],
      engine: 'wasm',
      versions: {},
    });
    run.finish({
      status: 'succeeded',
      steps: { total: 0, executed: 0, reused: 0, failed: 0, skipped: 0 },
      durationMs: 1,
    });
    query(store, 'DELETE FROM runs');
    await store.recover();
    expect(store.lineage.findRuns(run.id)).toHaveLength(1);
  });
});

describe('newestCheckpoint', () => {
  test('is the highest number among all attempts of the fingerprint, and of no other', async () => {
    const store = temporaryStore();
    const { attempt } = await beginAttempt(store, { fields: FIELDS });
    const second = store.createAttempt({ runId: 'r2', stepId: 'copy', fingerprint: FINGERPRINT });
    const other = store.createAttempt({ runId: 'r2', stepId: 'copy', fingerprint: digestBytes('other') });
    saveCheckpoint(attempt, 4);
    const newest = saveCheckpoint(second, 7);
    saveCheckpoint(other, 9);
    expect(store.newestCheckpoint(FINGERPRINT)).toEqual({ folder: newest, attempt: second.id });
    expect(store.newestCheckpoint(digestBytes('never made'))).toBeNull();
  });

  test('passes over one with any file truncated, changed or gone, and over one that was not renamed', async () => {
    const store = temporaryStore();
    const { attempt } = await beginAttempt(store, { fields: FIELDS });
    const older = saveCheckpoint(attempt, 1);
    const newer = saveCheckpoint(attempt, 2);
    mkdirSync(join(attempt.folder, 'checkpoint', '.tmp-3'));
    for (const name of ['weights.bin', 'manifest.json']) {
      const whole = readFileSync(join(newer, name));
      for (let length = 0; length < whole.length - 1; length += 3) {
        writeFileSync(join(newer, name), whole.subarray(0, length));
        expect(store.newestCheckpoint(FINGERPRINT)?.folder).toBe(older);
      }
      rmSync(join(newer, name));
      expect(store.newestCheckpoint(FINGERPRINT)?.folder).toBe(older);
      writeFileSync(join(newer, name), whole);
      expect(store.newestCheckpoint(FINGERPRINT)?.folder).toBe(newer);
    }
    writeFileSync(join(newer, 'weights.bin'), 'weightz 2');
    expect(store.newestCheckpoint(FINGERPRINT)?.folder).toBe(older);
  });

  test('is gone once the fingerprint is published, with all of its attempts', async () => {
    const store = temporaryStore();
    const { attempt, lease } = await beginAttempt(store, { fields: FIELDS });
    saveCheckpoint(attempt, 1);
    store.abandon(attempt, { reason: 'cancelled', message: 'cancelled' });
    expect(attemptsIn(store)).toEqual([attempt.id]);
    const second = store.createAttempt({ runId: 'r2', stepId: 'copy', fingerprint: FINGERPRINT });
    finishWork(second, lease, { fields: FIELDS });
    await store.publish(second, lease);
    expect(store.newestCheckpoint(FINGERPRINT)).toBeNull();
    expect(attemptsIn(store)).toEqual([]);
  });
});

describe('abandon', () => {
  test('leaves nothing of an attempt without a checkpoint but its log', async () => {
    const store = temporaryStore();
    const { attempt } = await beginAttempt(store, { fields: FIELDS });
    writeFileSync(join(attempt.folder, 'log.jsonl'), `${JSON.stringify({ message: 'a.png is cut off' })}\n`);
    store.abandon(attempt, { reason: 'bad-input', message: 'a.png is cut off' });
    expect(attemptsIn(store)).toEqual([]);
    expect(store.logTail(attempt)).toEqual(['a.png is cut off']);
    expect(query(store, 'SELECT outcome, failure FROM attempts')).toEqual([
      { outcome: 'failed', failure: 'bad-input' },
    ]);
  });
});

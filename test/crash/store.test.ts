import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestBytes } from '../../src/core/digest.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { fieldsOf, fingerprintOf } from '../unit/store/fixtures.ts';
import { prepareStoreProcesses, temporaryArtifacts } from './support/store-process.ts';

const FIELDS = fieldsOf({ parameters: { size: 3 } });
const FINGERPRINT = fingerprintOf(FIELDS);

const startChild = prepareStoreProcesses();

function open(folder: string): Store {
  const store = openStore({ folder });
  onTestFinished(() => store.close());
  return store;
}

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function expectInOrder(store: Store): void {
  const found = store.findObject(FINGERPRINT);
  if (found.status !== 'sound') throw new Error(JSON.stringify(found));
  expect(readFileSync(join(found.object.folder, 'out.txt'), 'utf8')).toBe('result of {"size":3}');
  expect(store.lineage.object(FINGERPRINT)?.state).toBe('published');
  expect(names(join(store.folder, 'names'))).toEqual([`${FINGERPRINT}.csv`]);
  expect(names(join(store.folder, 'attempts'))).toEqual([]);
  expect(names(join(store.folder, 'quarantine'))).toEqual([]);
}

describe('a process killed', () => {
  const afterResult = [
    'publish-before-sync',
    'publish-before-rename',
    'publish-before-shard-sync',
    'publish-after-rename',
    'publish-after-record',
    'publish-after-clean',
    'run-before-finish',
  ];
  test.each(afterResult)('at %s loses no finished work', async (failpoint) => {
    const folder = temporaryArtifacts();
    const { signal } = await startChild('run', { folder, fields: FIELDS, computeMs: 0 }, failpoint).ended;
    expect(signal).toBe('SIGKILL');
    const store = open(folder);
    const before = names(join(folder, 'objects'));
    const recovery = await store.recover();
    expect(recovery.published.length).toBe(before.length === 0 ? 1 : 0);
    expectInOrder(store);
    expect(store.lineage.findRuns('latest')).toMatchObject([{ status: 'interrupted' }]);
    const again = await startChild('run', { folder, fields: FIELDS, computeMs: 0 }).ended;
    expect(again.lines).toEqual([{ computed: false }]);
  });

  const beforeResult = ['run-started', 'lease-before-link', 'lease-after-link'];
  test.each(beforeResult)('at %s leaves nothing in the way of the next run', async (failpoint) => {
    const folder = temporaryArtifacts();
    const { signal } = await startChild('run', { folder, fields: FIELDS, computeMs: 0 }, failpoint).ended;
    expect(signal).toBe('SIGKILL');
    const again = await startChild('run', { folder, fields: FIELDS, computeMs: 0 }).ended;
    expect(again.lines.at(-1)).toEqual({ computed: true });
    expectInOrder(open(folder));
  });

  test('while it computes leaves an attempt that the next start clears away', async () => {
    const folder = temporaryArtifacts();
    const { child, ended, firstLine } = startChild('run', { folder, fields: FIELDS, computeMs: 60_000 });
    await firstLine;
    child.kill('SIGKILL');
    await ended;
    const store = open(folder);
    expect(names(join(folder, 'attempts'))).toHaveLength(1);
    expect(await store.recover()).toMatchObject({ removed: 1, published: [], resumable: [] });
    expect(names(join(folder, 'attempts'))).toEqual([]);
    expect(store.findObject(FINGERPRINT).status).toBe('absent');
  });
});

describe('a disk that is full', () => {
  test.each([
    'publish-before-sync',
    'publish-before-rename',
  ])('at %s is named, and nothing is published', async (place) => {
    const folder = temporaryArtifacts();
    const { lines } = await startChild('run', { folder, fields: FIELDS, computeMs: 0 }, `${place}=full`)
      .ended;
    expect(lines.at(-1)).toMatchObject({ failure: { reason: 'out-of-space' } });
    expect(open(folder).findObject(FINGERPRINT).status).toBe('absent');
  });
});

test('a disk that is full while finished work is recovered leaves it for the next start', async () => {
  const folder = temporaryArtifacts();
  const particulars = { folder, fields: FIELDS, computeMs: 0 };
  await startChild('run', particulars, 'publish-before-sync').ended;
  const { lines } = await startChild('recover', particulars, 'publish-before-rename=full').ended;
  expect(lines[0]).toMatchObject({
    published: [],
    removed: 0,
    refused: [{ message: expect.stringContaining('full') }],
  });
  const store = open(folder);
  expect(await store.recover()).toMatchObject({ published: [FINGERPRINT], refused: [] });
  expectInOrder(store);
});

describe('two processes at once', () => {
  test('compute one artifact once: the other waits and reuses it', async () => {
    const folder = temporaryArtifacts();
    const both = [1, 2].map(() => startChild('run', { folder, fields: FIELDS, computeMs: 400 }).ended);
    const ends = await Promise.all(both);
    expect(ends.map(({ lines }) => lines.at(-1)!.computed).sort()).toEqual([false, true]);
    expectInOrder(open(folder));
  });

  test('open a new folder in the same moment', async () => {
    for (let round = 0; round < 8; round++) {
      const particulars = { folder: temporaryArtifacts(), atMs: Date.now() + 500 };
      const ends = await Promise.all([1, 2, 3].map(() => startChild('open', particulars).ended));
      expect(ends.map(({ lines }) => lines)).toEqual(Array(3).fill([{ opened: true }]));
    }
  }, 30_000);

  test('go on when the one that computes is killed: the other takes over', async () => {
    const folder = temporaryArtifacts();
    const first = startChild('run', { folder, fields: FIELDS, computeMs: 60_000 });
    await first.firstLine;
    const second = startChild('run', { folder, fields: FIELDS, computeMs: 0 });
    await sleep(300);
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await second.ended).lines.at(-1)).toEqual({ computed: true });
    const store = open(folder);
    await store.recover();
    expectInOrder(store);
  });

  test('never hold one lease together, also when holders are killed', async () => {
    const folder = temporaryArtifacts();
    const fingerprints = [0, 1, 2, 3].map((at) => digestBytes(String(at)));
    const particulars = { folder, fingerprints, computeMs: 1_500 };
    const competitors = [1, 2, 3].map(() => startChild('compete', particulars));
    const victim = startChild('compete', { ...particulars, computeMs: 60_000 });
    await sleep(900);
    victim.child.kill('SIGKILL');
    const ends = await Promise.all(competitors.map(({ ended }) => ended));
    for (const { lines } of ends) {
      expect(lines[0].collisions).toEqual([]);
      expect(lines[0].taken).toBeGreaterThan(0);
    }
  });

  test('the result of a worker that outlived its runner is awaited and published, not made again', async () => {
    const folder = temporaryArtifacts();
    const { ended } = startChild('orphan', { folder, fields: FIELDS, computeMs: 700 });
    const { lines, signal } = await ended;
    expect(signal).toBe('SIGKILL');
    const store = open(folder);
    expect(await store.recover()).toMatchObject({ removed: 0, published: [] }); // it is still at it
    const held = await store.claim(FINGERPRINT, 'r2');
    expect(held).toMatchObject({ heldBy: { pid: lines[0].worker, orphaned: true } });
    await store.waitFor(FINGERPRINT, AbortSignal.timeout(20_000));
    expect(await store.claim(FINGERPRINT, 'r2')).toMatchObject({ published: { fingerprint: FINGERPRINT } });
    expectInOrder(store);
    expect(names(join(folder, 'leases'))).toEqual([]);
  });
});

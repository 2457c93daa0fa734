import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Retention } from '../../../../src/core/collection.ts';
import type { Store } from '../../../../src/store/open-store.ts';
import {
  endRun,
  fieldsOf,
  fingerprintOf,
  KEEP_ALL,
  publishWork,
  temporaryFolder,
  temporaryStore,
} from '../fixtures.ts';

const collect = (store: Store, retention: Partial<Retention> = {}, dryRun = false) =>
  store.collect({ retention: { ...KEEP_ALL, ...retention }, dryRun, waitMs: 300 });

const work = (name: string, size = 5) => ({
  fields: fieldsOf({ parameters: { name } }),
  files: { 'out.txt': name.padEnd(size, '.') },
  stepId: name,
  metrics: [{ name: 'size', split: null, value: size, better: 'neither' as const }],
});

/** A run whose steps used these objects, made in a store of its own that is closed: a process that has ended. */
async function runOf(folder: string, names: readonly string[], pipeline = 'p'): Promise<string> {
  const store = temporaryStore(folder);
  const run = store.startRun({
    pipeline,
    file: 'p.yaml',
    text: '',
    points: [{}],
    engine: 'wasm',
    versions: {},
  });
  for (const name of names) {
    const fingerprint = fingerprintOf(work(name).fields);
    const there = store.findObject(fingerprint).status === 'sound';
    if (!there) await publishWork(store, work(name), run.id);
    run.settled({
      step: { id: name, key: name, uses: 'copy', point: {}, params: {} },
      verdict: there ? 'reused' : 'executed',
      fingerprint,
      attempt: null,
      reasons: [],
      failure: null,
      durationMs: 12,
    });
  }
  const counts = { total: names.length, executed: names.length, reused: 0, failed: 0, skipped: 0 };
  endRun(run, { status: 'succeeded', steps: counts, durationMs: 1 });
  store.close();
  return run.id;
}

const place = () => join(temporaryFolder(), 'artifacts');
const stepsOf = (removals: readonly { readonly stepId: string }[]) =>
  removals.map(({ stepId }) => stepId).sort();

/** A folder whose first run's artifact was collected, and the store that did it. */
async function collected() {
  const folder = place();
  await runOf(folder, ['a']);
  await runOf(folder, ['b']);
  const store = temporaryStore(folder);
  await collect(store, { keepRuns: 1 });
  return { folder, store, fingerprint: fingerprintOf(work('a').fields) };
}

describe('a collection', () => {
  it('keeps what a kept run used, and removes the rest with its bytes', async () => {
    const folder = place();
    await runOf(folder, ['a', 'b']);
    const last = await runOf(folder, ['b', 'c']);
    const store = temporaryStore(folder);
    const { removed, recomputeMs, kept } = await collect(store, { keepRuns: 1 });
    expect(stepsOf(removed)).toEqual(['a']);
    expect(recomputeMs).toBe(12); // what the fixture's record says that it took
    expect(kept).toMatchObject({ objects: 2, runs: 1 });
    expect(existsSync(store.lineage.objectFolder(fingerprintOf(work('a').fields)))).toBe(false);
    expect(readdirSync(join(folder, 'gc/trash'))).toEqual([]);
    expect(readdirSync(join(folder, 'gc/condemned'))).toEqual([]);
    expect(store.lineage.findRuns('latest')[0].id).toBe(last);
    expect(store.verify().findings).toEqual([]);
  });

  it('says of what it removed that it did, and the same bytes are made again', async () => {
    const { folder, fingerprint } = await collected();
    const store = temporaryStore(folder);
    expect(store.findObject(fingerprint)).toEqual({ status: 'absent', removed: true });
    expect(store.lineage.object(fingerprint)?.state).toBe('removed');
    expect((await publishWork(store, work('a'))).outputs[0].digest).toBe(
      store.lineage.record(fingerprint)?.outputs[0].digest,
    );
    expect(store.lineage.object(fingerprint)?.state).toBe('published');
  });

  it('leaves what a removed artifact was for an index that is made anew, until it is made again', async () => {
    const { store, fingerprint } = await collected();
    const known = () => ({
      found: store.findObject(fingerprint),
      record: store.lineage.record(fingerprint),
      metrics: store.lineage.metrics(fingerprint),
      state: store.lineage.object(fingerprint)?.state,
    });
    const before = known();
    expect(before).toMatchObject({ found: { removed: true }, metrics: { length: 1 }, state: 'removed' });
    store.reindex();
    expect(known()).toEqual(before);
    expect(store.verify().findings).toEqual([]);
    await publishWork(store, work('a'));
    store.reindex();
    expect(known()).toMatchObject({ found: { status: 'sound' }, state: 'published' });
  });

  it('passes over a record of a removed artifact that is not whole', async () => {
    const { folder, store, fingerprint } = await collected();
    truncateSync(join(folder, 'gc/removed', fingerprint.slice(0, 2), `${fingerprint}.json`), 100);
    store.reindex();
    expect(store.findObject(fingerprint)).toEqual({ status: 'absent' });
  });

  it('keeps the newest run of every pipeline, whatever is asked', async () => {
    const folder = place();
    await runOf(folder, ['a'], 'p');
    await runOf(folder, ['b'], 'q');
    const { removals } = await collect(temporaryStore(folder), { keepYoungerMs: 0 });
    expect(removals).toEqual([]);
  });

  it('keeps what is pinned: a run, an artifact; and has it again when it is let go', async () => {
    const folder = place();
    const first = await runOf(folder, ['a']);
    await runOf(folder, ['b']);
    await runOf(folder, ['c']);
    const store = temporaryStore(folder);
    const artifact = fingerprintOf(work('b').fields);
    await store.pin({ kind: 'run', name: first, stepId: null, note: null }, [
      fingerprintOf(work('a').fields),
    ]);
    await store.pin({ kind: 'artifact', name: artifact, stepId: 'b', note: null }, [artifact]);
    expect(
      (await collect(store, { keepRuns: 1, sizeMaxBytes: 0 })).removed.map(({ stepId }) => stepId),
    ).toEqual(['c']);
    store.unpin(artifact);
    expect(stepsOf((await collect(store, { keepRuns: 1 })).removed)).toEqual(['b']);
  });

  it('removes what was used longest ago until the rest fits a size', async () => {
    const folder = place();
    for (const name of ['a', 'b', 'c']) {
      await runOf(folder, [name]);
      await new Promise((done) => setTimeout(done, 1100)); // ids of runs tell seconds
    }
    await runOf(folder, ['a']);
    const { removed, kept } = await collect(temporaryStore(folder), { sizeMaxBytes: 10 });
    expect(stepsOf(removed)).toEqual(['b']);
    expect(kept.sizeBytes).toBe(10);
  });

  it('keeps the items of a mapped step that stays', async () => {
    const folder = place();
    const store = temporaryStore(folder);
    const item = await publishWork(store, work('coregister/s1'));
    await publishWork(store, {
      ...work('coregister'),
      change: (record) => ({ ...record, items: [{ key: 's1', fingerprint: item.fingerprint }] }),
    });
    store.close();
    await runOf(folder, ['coregister']);
    expect((await collect(temporaryStore(folder))).removals).toEqual([]);
  });

  it('leaves what no run used for as long as told', async () => {
    const store = temporaryStore(place());
    await publishWork(store, work('a'));
    expect((await collect(store, { unreferencedMs: 60_000 }, true)).removals).toEqual([]);
    expect(stepsOf((await collect(store, {}, true)).removals)).toEqual(['a']);
  });

  it('changes nothing on a dry run, and says what would go', async () => {
    const folder = place();
    await runOf(folder, ['a']);
    await runOf(folder, ['b']);
    const { removals, removed } = await collect(temporaryStore(folder), { keepRuns: 1 }, true);
    expect(removals).toMatchObject([{ stepId: 'a', stage: 'copy', sizeBytes: 5, because: 'run-not-kept' }]);
    expect(removed).toEqual([]);
    expect(temporaryStore(folder).findObject(fingerprintOf(work('a').fields)).status).toBe('sound');
  });

  it('clears away old checkpoints and quarantine, and no young ones', async () => {
    const store = temporaryStore(place());
    const place2 = join(store.folder, 'quarantine/x');
    mkdirSync(place2, { recursive: true });
    writeFileSync(join(place2, 'out.txt'), 'rotten');
    expect((await collect(store)).quarantine.count).toBe(0);
    expect((await collect(store, { quarantineMs: 0 })).quarantine).toEqual({ count: 1, sizeBytes: 6 });
    expect(existsSync(place2)).toBe(false);
  });
});

describe('beside a process that uses objects, a collection', () => {
  it('removes nothing that was handed out, and does remove the rest', async () => {
    const folder = place();
    await runOf(folder, ['a', 'b']);
    await runOf(folder, ['c']);
    const user = temporaryStore(folder);
    expect(user.findObject(fingerprintOf(work('a').fields)).status).toBe('sound');
    const { removed, spared } = await temporaryStore(folder).collect({
      retention: { ...KEEP_ALL, keepRuns: 1 },
      dryRun: false,
      waitMs: 10_000,
    });
    expect(stepsOf(removed)).toEqual(['b']);
    expect(stepsOf(spared)).toEqual(['a']);
  });

  it('waits for its answer, and removes nothing where none comes', async () => {
    const folder = place();
    await runOf(folder, ['a']);
    await runOf(folder, ['b']);
    const user = temporaryStore(folder);
    user.findObject(fingerprintOf(work('b').fields));
    // Its timer cannot fire while we wait for nothing.
    const { removed, waitedFor } = await temporaryStore(folder).collect({
      retention: { ...KEEP_ALL, keepRuns: 1 },
      dryRun: false,
      waitMs: 0,
    });
    expect(removed).toEqual([]);
    expect(waitedFor).toMatchObject([{ pid: process.pid }]);
    // What it has not used and is condemned is hidden from it until it has the lease, and then it is saved.
    await new Promise((done) => setTimeout(done, 500));
    const fingerprint = fingerprintOf(work('a').fields);
    expect(user.findObject(fingerprint)).toEqual({ status: 'absent', removed: true });
    const claim = await user.claim(fingerprint, 'r');
    expect('lease' in claim).toBe(true);
    expect(user.findObject(fingerprint).status).toBe('sound');
    if ('lease' in claim) claim.lease.release();
    expect(readdirSync(join(folder, 'gc/condemned'))).toEqual([]);
  });
});

import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../../src/core/events.ts';
import { systemEffects } from '../../../src/store/effects.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { openLineage } from '../../../src/store/read-lineage.ts';
import type { RunFolder } from '../../../src/store/run-folder.ts';
import type { StepVerdict } from '../../../src/store/run-record.ts';
import type { StoredObject } from '../../../src/store/stored-object.ts';
import { fieldsOf, publishWork, temporaryFolder, temporaryStore } from './fixtures.ts';

const DESCRIPTION = {
  pipeline: 'thesis',
  file: 'pipelines/thesis.yaml',
  text: 'name: thesis\n',
  points: [{ gamma: 0.1 }],
  engine: 'wasm',
  versions: { clade: '0.1.0' },
};

function verdict(id: string, some: Partial<StepVerdict>): StepVerdict {
  const step = { id, key: id.split('@')[0], uses: 'copy', point: { gamma: 0.1 }, params: { size: 3 } };
  return {
    step,
    verdict: 'reused',
    fingerprint: null,
    attempt: null,
    reasons: [],
    failure: null,
    durationMs: 0,
    ...some,
  };
}

function counts(some: Partial<{ executed: number; reused: number; failed: number; skipped: number }>) {
  const all = { executed: 0, reused: 0, failed: 0, skipped: 0, ...some };
  return { ...all, total: all.executed + all.reused + all.failed + all.skipped };
}

function finish(run: RunFolder, some: Parameters<typeof counts>[0]): void {
  run.finish({ status: 'succeeded', steps: counts(some), durationMs: 5 });
}

/** A store with two objects and the run that made them. */
async function storeAfterRun(): Promise<{
  store: Store;
  a: StoredObject;
  b: StoredObject;
  first: RunFolder;
}> {
  const store = temporaryStore();
  const metrics = [{ name: 'acc', split: 'test', value: 0.65, better: 'higher' }] as const;
  const a = await publishWork(store, { fields: fieldsOf({ parameters: { i: 1 } }) });
  const b = await publishWork(store, { fields: fieldsOf({ parameters: { i: 2 } }), metrics });
  const first = store.startRun(DESCRIPTION);
  first.settled(
    verdict('copy', { verdict: 'executed', fingerprint: a.fingerprint, attempt: 'a1', durationMs: 7 }),
  );
  first.settled(verdict('evaluate@gamma=0.1', { verdict: 'executed', fingerprint: b.fingerprint }));
  finish(first, { executed: 2 });
  return { store, a, b, first };
}

function repeat(store: Store, a: StoredObject, b: StoredObject): RunFolder {
  const run = store.startRun(DESCRIPTION);
  run.settled(verdict('evaluate@gamma=0.1', { fingerprint: b.fingerprint }));
  run.settled(verdict('copy', { fingerprint: a.fingerprint }));
  finish(run, { reused: 2 });
  return run;
}

describe('a run', () => {
  test('has an id of its start, to the millisecond, and chance, the text of its pipeline, and is the latest', () => {
    const clock = { ...systemEffects.clock, nowMs: () => Date.UTC(2026, 10, 23, 5, 12, 0, 123) };
    const store = openStore({
      folder: temporaryFolder(),
      effects: { ...systemEffects, clock, randomHex: (n) => 'ab12cd34ef567890'.slice(0, n) },
    });
    onTestFinished(() => store.close());
    const run = store.startRun(DESCRIPTION);
    expect(run.id).toBe('20261123-051200-07ba');
    expect(readFileSync(join(run.folder, 'pipeline.yaml'), 'utf8')).toBe('name: thesis\n');
    expect(realpathSync(join(store.folder, 'runs', 'latest'))).toBe(realpathSync(run.folder));
    expect(store.lineage.findRuns('latest')[0]).toMatchObject({
      id: run.id,
      status: 'running',
      points: [{ gamma: 0.1 }],
    });
    finish(run, {});
  });

  test('replaces runs/latest by a relative link', () => {
    const store = temporaryStore();
    finish(store.startRun(DESCRIPTION), {});
    const second = store.startRun(DESCRIPTION);
    finish(second, {});
    const latest = join(store.folder, 'runs', 'latest');
    if (process.platform !== 'win32') expect(readlinkSync(latest)).toBe(second.id);
    expect(readdirSync(join(store.folder, 'runs')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('links each step to its object under the name of the step', async () => {
    const { store, a, b, first } = await storeAfterRun();
    const steps = join(first.folder, 'steps');
    expect(readdirSync(steps).sort()).toEqual(['copy', 'evaluate@gamma=0.1']);
    expect(realpathSync(join(steps, 'copy'))).toBe(realpathSync(a.folder));
    expect(realpathSync(join(steps, 'evaluate@gamma=0.1'))).toBe(realpathSync(b.folder));
    expect(store.lineage.steps(first.id)).toMatchObject([
      { stepId: 'copy', verdict: 'executed', attempt: 'a1', durationMs: 7, params: { size: 3 }, metrics: [] },
      {
        stepId: 'evaluate@gamma=0.1',
        key: 'evaluate',
        point: { gamma: 0.1 },
        metrics: [{ name: 'acc', value: 0.65 }],
      },
    ]);
  });

  test('that did nothing new shares links and rows of the last one, also several in a row', async () => {
    const { store, a, b, first } = await storeAfterRun();
    repeat(store, a, b);
    const third = repeat(store, a, b);
    expect(lstatSync(join(third.folder, 'steps')).isSymbolicLink()).toBe(true);
    expect(realpathSync(join(third.folder, 'steps'))).toBe(realpathSync(join(first.folder, 'steps')));
    expect(
      store.lineage.steps(third.id).map(({ stepId, verdict, durationMs }) => [stepId, verdict, durationMs]),
    ).toEqual([
      ['copy', 'reused', 0],
      ['evaluate@gamma=0.1', 'reused', 0],
    ]);
    expect(store.lineage.findRuns(third.id)[0].counts).toEqual(counts({ reused: 2 }));
  });

  test('that reused other artifacts than the last one has links of its own', async () => {
    const { store, a, b } = await storeAfterRun();
    const other = store.startRun(DESCRIPTION);
    other.settled(verdict('copy', { fingerprint: b.fingerprint }));
    finish(other, { reused: 1 });
    expect(realpathSync(join(other.folder, 'steps', 'copy'))).toBe(realpathSync(b.folder));
    const again = repeat(store, a, b);
    expect(lstatSync(join(again.folder, 'steps')).isSymbolicLink()).toBe(false);
    expect(store.lineage.steps(again.id)).toHaveLength(2);
  });

  test('tells failed and skipped steps with their reasons', () => {
    const store = temporaryStore();
    const run = store.startRun(DESCRIPTION);
    const reasons = [{ code: 'never-made', field: 'copy' }] as const;
    run.settled(
      verdict('copy', {
        verdict: 'failed',
        reasons,
        failure: { reason: 'bad-input', message: 'a.png is cut off' },
      }),
    );
    run.settled(verdict('next', { verdict: 'skipped' }));
    run.finish({ status: 'failed', steps: counts({ failed: 1, skipped: 1 }), durationMs: 1 });
    expect(store.lineage.steps(run.id)).toMatchObject([
      { stepId: 'copy', verdict: 'failed', failure: 'bad-input', message: 'a.png is cut off', reasons },
      { stepId: 'next', verdict: 'skipped', failure: null },
    ]);
    expect(existsSync(join(run.folder, 'steps'))).toBe(false);
  });

  test('writes its events one a line, for followers at once what they wait for', () => {
    const store = temporaryStore();
    const run = store.startRun(DESCRIPTION);
    const base = { at: '2026-11-23T05:12:00.000Z', runId: run.id };
    const events: RunEvent[] = [
      { ...base, event: 'step-planned', stepId: 'copy', uses: 'copy', point: {}, dependsOn: [] },
      {
        ...base,
        event: 'step-started',
        stepId: 'copy',
        attempt: 'a1',
        fingerprint: 'f',
        reasons: [],
        resumedFrom: null,
      },
    ];
    for (const event of events) run.append(event);
    const lines = readFileSync(join(run.folder, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(events);
    finish(run, {});
  });

  test('whose process is gone shows as interrupted', () => {
    const folder = temporaryFolder();
    const dead = { ...systemEffects.processes.own(), startedAt: 'long ago', boot: 'an earlier one' };
    const processes = { ...systemEffects.processes, own: () => dead };
    const store = openStore({ folder, effects: { ...systemEffects, processes } });
    const run = store.startRun(DESCRIPTION);
    store.close();
    const lineage = openLineage(folder);
    onTestFinished(() => lineage.close());
    expect(lineage.findRuns(run.id)).toMatchObject([{ status: 'interrupted', finishedAt: null }]);
  });

  test('is found by its id, the start of it, and latest', () => {
    const store = temporaryStore();
    const runs = [store.startRun(DESCRIPTION), store.startRun({ ...DESCRIPTION, pipeline: 'other' })];
    const { lineage } = store;
    expect(lineage.findRuns(runs[0].id).map(({ id }) => id)).toEqual([runs[0].id]);
    expect(lineage.findRuns(runs[0].id.slice(0, 6))).toHaveLength(2);
    expect(lineage.findRuns('latest').map(({ id }) => id)).toEqual([runs[1].id]);
    expect(lineage.findRuns('nothing')).toEqual([]);
    expect(lineage.listRuns().map(({ id }) => id)).toEqual([runs[1].id, runs[0].id]);
    expect(lineage.listRuns({ pipeline: 'thesis' }).map(({ id }) => id)).toEqual([runs[0].id]);
    for (const run of runs) finish(run, {});
  });

  test('gives step ids that no file system takes names that it does', async () => {
    const store = temporaryStore();
    const { fingerprint } = await publishWork(store, { fields: fieldsOf() });
    const run = store.startRun(DESCRIPTION);
    const long = `copy@path="${'é'.repeat(150)}"`;
    for (const id of ['copy@path="../a:b"', long, `${long}x`])
      run.settled(verdict(id, { verdict: 'executed', fingerprint }));
    finish(run, { executed: 3 });
    const names = readdirSync(join(run.folder, 'steps'));
    expect(names).toHaveLength(3);
    expect(names).toContain('copy@path=%22..%2Fa%3Ab%22');
    expect(names.every((name) => Buffer.byteLength(name) <= 200)).toBe(true);
  });
});

describe('nearestExecution', () => {
  test('prefers the same step, then the newest of its key, and knows no other pipeline or stage', async () => {
    const { store, a, b } = await storeAfterRun();
    const nearest = (stepId: string, pipeline = 'thesis', stage = 'copy') =>
      store.nearestExecution({ pipeline, stage, stepId })?.fingerprint ?? null;
    expect(nearest('copy')).toBe(a.fingerprint);
    expect(nearest('evaluate@gamma=0.1')).toBe(b.fingerprint);
    expect(nearest('evaluate@gamma=1')).toBe(b.fingerprint);
    expect(nearest('copy', 'other')).toBeNull();
    expect(nearest('copy', 'thesis', 'other')).toBeNull();
    expect(nearest('project')).toBeNull();
  });

  test('tells what the execution was made of, modules included', async () => {
    const { store, a } = await storeAfterRun();
    expect(store.nearestExecution({ pipeline: 'thesis', stage: 'copy', stepId: 'copy' })).toMatchObject({
      fields: a.record.fields,
      codeModules: a.record.codeModules,
      outputs: a.record.outputs,
    });
  });
});

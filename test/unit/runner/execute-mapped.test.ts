import { describe, expect, it } from 'vitest';
import type { Item, Job } from '../../../src/core/artifact.ts';
import { digestBytes } from '../../../src/core/digest.ts';
import type { FailureReason } from '../../../src/core/failure.ts';
import { runPipeline } from '../../../src/runner/run-pipeline.ts';
import {
  type FakeStage,
  FakeStore,
  fakeCatalogue,
  fakeDeclaration,
  fakeExecutor,
  fakePlan,
  fakeRun,
} from '../../support/fake-runner.ts';

/** A step that makes files of subjects, and one that works on them one by one. */
const plan = fakePlan({ heads: [], align: ['heads'], after: ['align'] });

function catalogue(code = 'code-align') {
  const fake = fakeCatalogue(['heads', 'align', 'after'], { align: code });
  const { stages } = fake;
  const declaration = fakeDeclaration('align', {
    inputs: { heads: { description: 'heads', kind: 'text', reads: ['heads/'] } },
    each: { item: 'subject', input: 'heads' },
  });
  return { ...fake, stages: { ...stages, align: { ...stages.align, declaration } } };
}

interface Trial {
  /** Content of each subject's file. */
  readonly subjects: { readonly [subject: string]: string };
  readonly store?: FakeStore;
  readonly fails?: (job: Job) => FailureReason | null;
  readonly options?: Parameters<typeof fakeRun>[3];
  readonly retries?: number;
}

async function run({
  subjects,
  store = new FakeStore(),
  fails = () => null,
  options = {},
  retries = 0,
}: Trial) {
  const jobs: Job[] = [];
  let [running, most] = [0, 0];
  const stage: FakeStage = async (task) => {
    const { job } = task;
    jobs.push(job);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    const reason = fails(job);
    if (reason) return { status: 'failed', failure: { reason, message: 'it broke' } };
    if (job.part.kind === 'items') {
      const items = Object.keys(subjects).map((key): Item => ({ key, value: 1, files: [`heads/${key}`] }));
      return { status: 'itemised', items };
    }
    return `${job.stepId} ${JSON.stringify(job.fields.inputs)}`;
  };
  const executor = fakeExecutor(store, stage, 8);
  const collect = executor.collect.bind(executor);
  const withFiles = {
    ...executor,
    collect: async (task: Parameters<typeof collect>[0]) => {
      const outcome = await collect(task);
      if (outcome?.status !== 'succeeded' || task.job.stepId !== 'heads') return outcome;
      const outputs = Object.entries(subjects).map(([key, text]) => ({
        path: `heads/${key}`,
        digest: digestBytes(text),
        sizeBytes: text.length,
      }));
      const record = { ...outcome.record, outputs };
      store.results.set(task.attempt, record);
      return { status: 'succeeded' as const, record };
    },
  };
  const steps = plan.steps.map((step) => ({
    ...step,
    identity: step.id === 'heads' ? { subjects } : step.identity,
    policy: { ...step.policy, retries },
  }));
  const fake = fakeRun({ ...plan, steps }, store, withFiles, {
    catalogue: catalogue(),
    backoffMs: 1,
    ...options,
  });
  const summary = await runPipeline(fake.options);
  const itemsMade = jobs.filter(({ part }) => part.kind === 'item').map(({ stepId }) => stepId);
  return { summary, jobs, itemsMade, store, most, ...fake };
}

const THREE = { s1: 'one', s2: 'two', s3: 'three' };

describe('a mapped step', () => {
  it('is made of its items, which run side by side, and counts as one step', async () => {
    const { summary, itemsMade, jobs, most, events } = await run({ subjects: THREE });
    expect(summary.steps).toEqual({ total: 3, executed: 3, reused: 0, failed: 0, skipped: 0 });
    expect([...itemsMade].sort()).toEqual(['align/s1', 'align/s2', 'align/s3']);
    expect(most).toBe(3);
    const join = jobs.find(({ part }) => part.kind === 'join')!;
    expect(join.part).toMatchObject({ items: [{ key: 's1' }, { key: 's2' }, { key: 's3' }] });
    expect(join.stepId).toBe('align');
    const progress = events.filter(({ event }) => event === 'step-progressed');
    expect(progress.at(-1)).toEqual({
      event: 'step-progressed',
      stepId: 'align',
      done: 3,
      total: 3,
      unit: 'subject',
      values: {},
    });
    const finished = events.find((event) => event.event === 'step-finished' && event.stepId === 'align');
    expect(finished).toMatchObject({ items: { total: 3, reused: 0 } });
    expect(events.filter((event) => 'stepId' in event && event.stepId.includes('/'))).toEqual([]);
  });

  it('gives an item a fingerprint of its own file alone', async () => {
    const { jobs } = await run({ subjects: THREE });
    const item = jobs.find(({ stepId }) => stepId === 'align/s2')!;
    expect(item.fields.inputs.heads).toEqual({ 'heads/s2': digestBytes('two') });
    expect(item.fields.item).toEqual({ key: 's2', value: 1 });
    expect(jobs.find(({ part }) => part.kind === 'join')!.fields).not.toHaveProperty('item');
  });

  it('computes one item where one was added or changed, and none where nothing was', async () => {
    const { store } = await run({ subjects: THREE });
    expect((await run({ subjects: THREE, store })).jobs).toEqual([]);
    const more = await run({ subjects: { ...THREE, s4: 'four' }, store });
    expect(more.itemsMade).toEqual(['align/s4']);
    expect(more.events).toContainEqual(expect.objectContaining({ items: { total: 4, reused: 3 } }));
    expect((await run({ subjects: { ...THREE, s1: 'other' }, store })).itemsMade).toEqual(['align/s1']);
  });

  it('computes all items anew with other code, and where it is forced', async () => {
    const { store } = await run({ subjects: THREE });
    const edited = await run({ subjects: THREE, store, options: { catalogue: catalogue('edited') } });
    expect(edited.itemsMade).toHaveLength(3);
    const forced = await run({ subjects: THREE, store, options: { forced: new Set(['align']) } });
    expect(forced.itemsMade).toHaveLength(3);
  });

  it('keeps the items that were made when one fails, and makes only that one the next time', async () => {
    const fails = ({ stepId }: Job) => (stepId === 'align/s2' ? ('bad-input' as const) : null);
    const { store, summary } = await run({ subjects: THREE, fails, options: { keepGoing: true } });
    expect(summary.failures.get('align')).toEqual({
      reason: 'bad-input',
      message: '1 of 3 failed; the others are kept\nsubject s2: it broke',
    });
    expect(summary.steps).toMatchObject({ failed: 1, skipped: 1 });
    const again = await run({ subjects: THREE, store });
    expect(again.itemsMade).toEqual(['align/s2']);
    expect(again.summary.status).toBe('succeeded');
  });

  it('tries an item again, and not the step that failed with it', async () => {
    let left = 1;
    const once = ({ stepId }: Job) => (stepId === 'align/s2' && left-- > 0 ? ('worker-died' as const) : null);
    const { summary, itemsMade } = await run({ subjects: THREE, fails: once, retries: 1 });
    expect(summary.status).toBe('succeeded');
    expect(itemsMade.filter((name) => name === 'align/s2')).toHaveLength(2);
    const always = ({ stepId }: Job) => (stepId === 'align/s2' ? ('worker-died' as const) : null);
    const failed = await run({ subjects: THREE, fails: always, retries: 2 });
    expect(failed.itemsMade.filter((name) => name === 'align/s2')).toHaveLength(3);
  });

  it('fails where its items cannot be told, and where they cannot be joined', async () => {
    for (const kind of ['items', 'join']) {
      const fails = ({ part }: Job) => (part.kind === kind ? ('bad-input' as const) : null);
      const { summary } = await run({ subjects: THREE, fails });
      expect(summary.failures.get('align')).toEqual({ reason: 'bad-input', message: 'it broke' });
    }
  });

  it('is skipped, its finished items kept, when the run is interrupted meanwhile', async () => {
    const controller = new AbortController();
    const fails = (job: Job) => {
      if (job.stepId === 'align/s1') controller.abort();
      return null;
    };
    const options = { signal: controller.signal, capacity: { cpu: 1, memoryMiB: 1, gpus: [] } };
    const { summary, store } = await run({ subjects: THREE, fails, options });
    expect(summary.status).toBe('interrupted');
    expect(summary.steps).toMatchObject({ executed: 1, failed: 0, skipped: 2 });
    expect((await run({ subjects: THREE, store })).itemsMade.sort()).toEqual(['align/s2', 'align/s3']);
  });
});

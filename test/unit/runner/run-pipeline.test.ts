import { describe, expect, it } from 'vitest';
import { runPipeline } from '../../../src/runner/run-pipeline.ts';
import {
  type FakeStage,
  FakeStore,
  fakeCatalogue,
  fakeExecutor,
  fakePlan,
  fakeRun,
} from '../../support/fake-runner.ts';

const echo: FakeStage = async ({ job }) => `made by ${job.stepId} ${JSON.stringify(job.params)}`;
const diamond = { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] };

async function run(
  store: FakeStore,
  needs: Parameters<typeof fakePlan>[0],
  stage: FakeStage = echo,
  more = {},
  params = {},
) {
  const executor = fakeExecutor(store, stage);
  const fake = fakeRun(fakePlan(needs, params), store, executor, more);
  const summary = await runPipeline(fake.options);
  return { summary, executor, ...fake };
}

describe('runPipeline', () => {
  it('executes each step once, inputs first', async () => {
    const { summary, executor } = await run(new FakeStore(), diamond);
    expect(summary.status).toBe('succeeded');
    expect(summary.steps).toEqual({ total: 4, executed: 4, reused: 0, failed: 0, skipped: 0 });
    expect(executor.started[0]).toBe('a');
    expect(executor.started.at(-1)).toBe('d');
    expect(new Set(executor.started).size).toBe(4);
  });

  it('executes nothing the second time', async () => {
    const store = new FakeStore();
    await run(store, diamond);
    const { summary, executor } = await run(store, diamond);
    expect(executor.started).toEqual([]);
    expect(summary.steps).toEqual({ total: 4, executed: 0, reused: 4, failed: 0, skipped: 0 });
  });

  it('stops a rebuild where an output did not change', async () => {
    const store = new FakeStore();
    const constant: FakeStage = async ({ job }) => job.stepId;
    await run(store, diamond, constant, {}, { a: { size: 1 } });
    const { executor } = await run(store, diamond, constant, {}, { a: { size: 2 } });
    expect(executor.started).toEqual(['a']);
  });

  it('reruns what an edited piece of code reaches, and says which file', async () => {
    const store = new FakeStore();
    await run(store, { a: [], b: ['a'] });
    const catalogue = fakeCatalogue(['a', 'b'], { b: 'edited' });
    const { events, executor } = await run(store, { a: [], b: ['a'] }, echo, { catalogue });
    expect(executor.started).toEqual(['b']);
    const started = events.find(({ event }) => event === 'step-started');
    expect(started).toMatchObject({
      reasons: [{ code: 'code-changed', field: 'src/b.ts', from: 'code-b', to: 'edited' }],
    });
  });

  it('computes an artifact once when two steps turn out to be the same', async () => {
    const store = new FakeStore();
    const plan = fakePlan({ a: [], b: [] });
    const twins = { ...plan, steps: plan.steps.map((step) => ({ ...step, uses: 'a' })) };
    const executor = fakeExecutor(store, echo);
    const { options } = fakeRun(twins, store, executor);
    const summary = await runPipeline(options);
    expect(executor.started).toHaveLength(1);
    expect(summary.steps).toMatchObject({ executed: 1, reused: 1 });
  });

  const failing: FakeStage = async (task) =>
    task.job.stepId === 'b'
      ? { status: 'failed', failure: { reason: 'bad-input', message: 'no good' } }
      : echo(task);

  it('skips what depends on a failure and starts nothing new', async () => {
    const store = new FakeStore();
    const { summary, events } = await run(store, { a: [], b: ['a'], c: ['b'], d: ['c'] }, failing);
    expect(summary.status).toBe('failed');
    expect(summary.steps).toEqual({ total: 4, executed: 1, reused: 0, failed: 1, skipped: 2 });
    expect(events).toContainEqual({
      event: 'step-failed',
      stepId: 'b',
      attempt: 'attempt-2',
      reason: 'bad-input',
      message: 'no good',
      logTail: ['last line'],
    });
    expect(events).toContainEqual({ event: 'step-skipped', stepId: 'c', because: 'b failed' });
    expect(events).toContainEqual({ event: 'step-skipped', stepId: 'd', because: 'c was skipped' });
    expect(store.abandoned).toEqual(['attempt-2']);
  });

  it('finishes what does not depend on the failure when told to keep going', async () => {
    const { summary } = await run(new FakeStore(), { b: [], a: [], c: ['a'], d: ['b'] }, failing, {
      keepGoing: true,
    });
    expect(summary.steps).toEqual({ total: 4, executed: 2, reused: 0, failed: 1, skipped: 1 });
  });

  it('waits for another process that computes the same artifact, and reuses it', async () => {
    const store = new FakeStore();
    const before = new FakeStore();
    await run(before, { a: [] });
    const [made] = before.objects.values();
    store.held.set(made.fingerprint, () => {});
    const running = run(store, { a: [] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    store.objects.set(made.fingerprint, made);
    store.held.get(made.fingerprint)!();
    const { summary, executor } = await running;
    expect(executor.started).toEqual([]);
    expect(summary.steps.reused).toBe(1);
  });

  it('fails a step whose source changed while it was read, and publishes nothing', async () => {
    const store = new FakeStore();
    store.sourceDigests = { 'x.png': 'before' };
    const plan = fakePlan({ a: [] });
    const withSource = {
      ...plan,
      steps: plan.steps.map((step) => ({
        ...step,
        sources: [{ parameter: 'path', kind: 'folder' as const, path: '/data' }],
      })),
    };
    const executor = fakeExecutor(store, async (task) => {
      store.sourceDigests = { 'x.png': 'after' };
      return echo(task);
    });
    const { options, events } = fakeRun(withSource, store, executor);
    const summary = await runPipeline(options);
    expect(summary.status).toBe('failed');
    expect(store.objects.size).toBe(0);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'step-failed', reason: 'source-changed' }),
    );
  });

  it('starts nothing once it is interrupted, and still reuses what is there', async () => {
    const store = new FakeStore();
    await run(store, { a: [] });
    const controller = new AbortController();
    controller.abort();
    const { summary, executor } = await run(store, { a: [], b: ['a'], c: ['b'] }, echo, {
      signal: controller.signal,
    });
    expect(executor.started).toEqual([]);
    expect(summary.status).toBe('interrupted');
    expect(summary.steps).toEqual({ total: 3, executed: 0, reused: 1, failed: 0, skipped: 2 });
  });

  it('computes a forced step although its artifact is there', async () => {
    const store = new FakeStore();
    await run(store, diamond);
    const { executor } = await run(store, diamond, echo, { forced: new Set(['b']) });
    expect(executor.started).toEqual(['b']);
  });
});

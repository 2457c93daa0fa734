import { describe, expect, it } from 'vitest';
import type { Job, JobOutcome } from '../../../src/core/artifact.ts';
import type { FailureReason } from '../../../src/core/failure.ts';
import type { Plan } from '../../../src/core/plan.ts';
import type { StepPolicy } from '../../../src/core/resources.ts';
import type { Executor } from '../../../src/runner/executor.ts';
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

  const withPolicy = (plan: Plan, policy: Partial<StepPolicy>): Plan => ({
    ...plan,
    steps: plan.steps.map((step) => ({ ...step, policy: { ...step.policy, ...policy } })),
  });

  /** Fails as often as told, then does as `echo` does. */
  const failingTimes = (times: number, reason: FailureReason): FakeStage => {
    let left = times;
    return async (task) =>
      left-- > 0 ? { status: 'failed', failure: { reason, message: 'it broke' } } : echo(task);
  };

  async function runWithRetries(stage: FakeStage, retries: number) {
    const store = new FakeStore();
    const executor = fakeExecutor(store, stage);
    const plan = withPolicy(fakePlan({ a: [], b: ['a'] }), { retries });
    const fake = fakeRun(plan, store, executor, { backoffMs: 1 });
    return { summary: await runPipeline(fake.options), executor, store, ...fake };
  }

  it('tries a step again whose worker died, and says so', async () => {
    const { summary, events, executor, store } = await runWithRetries(failingTimes(2, 'worker-died'), 2);
    expect(summary.steps).toMatchObject({ executed: 2, failed: 0 });
    expect(executor.started).toEqual(['a', 'a', 'a', 'b']);
    expect(store.abandoned).toEqual(['attempt-1', 'attempt-2']);
    expect(events.filter(({ event }) => event === 'step-retried')).toEqual([
      {
        event: 'step-retried',
        stepId: 'a',
        attempt: 'attempt-1',
        reason: 'worker-died',
        message: 'it broke',
        logTail: ['last line'],
        retry: 1,
        retries: 2,
        afterMs: 1,
      },
      expect.objectContaining({ attempt: 'attempt-2', retry: 2, afterMs: 2 }),
    ]);
  });

  it.each<FailureReason>([
    'timed-out',
    'internal-error',
    'command-failed',
  ])('tries again what failed for %s', async (reason) => {
    const { summary } = await runWithRetries(failingTimes(1, reason), 1);
    expect(summary.status).toBe('succeeded');
  });

  it('gives up after as many retries as it was given', async () => {
    const { summary, executor } = await runWithRetries(failingTimes(9, 'worker-died'), 2);
    expect(executor.started).toEqual(['a', 'a', 'a']);
    expect(summary.steps).toMatchObject({ executed: 0, failed: 1, skipped: 1 });
  });

  it.each<FailureReason>([
    'bad-input',
    'non-finite-loss',
    'out-of-space',
    'source-changed',
  ])('does not try again what failed for %s', async (reason) => {
    const { executor } = await runWithRetries(failingTimes(1, reason), 5);
    expect(executor.started).toEqual(['a']);
  });

  it('tries nothing again once another step has failed the run', async () => {
    const store = new FakeStore();
    const executor = fakeExecutor(store, async ({ job }) => {
      if (job.stepId === 'a') return { status: 'failed', failure: { reason: 'worker-died', message: 'x' } };
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { status: 'failed', failure: { reason: 'bad-input', message: 'y' } };
    });
    const { options } = fakeRun(withPolicy(fakePlan({ a: [], b: [] }), { retries: 3 }), store, executor, {
      backoffMs: 100,
    });
    const summary = await runPipeline(options);
    expect([...executor.started].sort()).toEqual(['a', 'b']);
    expect(summary.steps.failed).toBe(2);
  });

  it('ends a step that takes longer than its timeout, and names the failure', async () => {
    const store = new FakeStore();
    const { executor, cancelled } = hangingExecutor(store);
    const plan = withPolicy(fakePlan({ a: [] }), { timeoutMs: 20 });
    const { options, events } = fakeRun(plan, store, executor);
    const summary = await runPipeline(options);
    expect(cancelled).toHaveLength(1);
    expect(summary.failures.get('a')).toEqual({
      reason: 'timed-out',
      message: 'it took longer than its timeout of 0.02 s and was ended; what it saved is kept',
    });
    expect(events).toContainEqual(expect.objectContaining({ event: 'step-failed', reason: 'timed-out' }));
  });

  it('never has more steps on than their demands allow', async () => {
    const store = new FakeStore();
    let [running, most] = [0, 0];
    const stage: FakeStage = async (task) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return echo(task);
    };
    const demand = { cpu: 2, threads: 2, memoryMiB: 0, gpu: 0 };
    const plan = withPolicy(fakePlan({ a: [], b: [], c: [], d: [], e: [] }), { demand });
    const { options } = fakeRun(plan, store, fakeExecutor(store, stage, 5));
    expect((await runPipeline(options)).steps.executed).toBe(5);
    expect(most).toBe(2); // four cores
  });

  it('gives all cores to the only step, and one each to many, without a change of fingerprint', async () => {
    const demand = { cpu: 1, threads: 8, memoryMiB: 0, gpu: 0 };
    const jobsOf = async (needs: Parameters<typeof fakePlan>[0]) => {
      const store = new FakeStore();
      const jobs = new Map<string, Job>();
      const executor = fakeExecutor(
        store,
        async (task) => {
          jobs.set(task.job.stepId, task.job);
          return echo(task);
        },
        8,
      );
      await runPipeline(fakeRun(withPolicy(fakePlan(needs), { demand }), store, executor).options);
      return jobs;
    };
    const alone = await jobsOf({ a: [] });
    const among = await jobsOf({ a: [], b: [], c: [], d: [] });
    expect(alone.get('a')?.threads).toBe(4);
    expect([...among.values()].map(({ threads }) => threads)).toEqual([1, 1, 1, 1]);
    expect(among.get('a')?.fingerprint).toBe(alone.get('a')?.fingerprint);
  });

  it('starts first what holds up most, by what stages took before', async () => {
    const store = new FakeStore();
    store.durations = (stage) => (stage === 'long' ? [1000] : [10]);
    const executor = fakeExecutor(store, echo, 1);
    const plan = fakePlan({ short1: [], short2: ['short1'], other: ['short2'], long: [] });
    await runPipeline(fakeRun(plan, store, executor).options);
    expect(executor.started[0]).toBe('long');
  });
});

/** Starts a task and never ends it, unless it is cancelled. */
function hangingExecutor(store: FakeStore): { executor: Executor; cancelled: string[] } {
  const cancelled: string[] = [];
  let cancel: () => void = () => {};
  const hung = new Promise<JobOutcome>((resolve) => {
    cancel = () => resolve({ status: 'failed', failure: { reason: 'cancelled', message: 'cancelled' } });
  });
  const inner = fakeExecutor(store, () => hung);
  const executor: Executor = {
    ...inner,
    cancel: async (token) => {
      cancelled.push(token);
      cancel();
    },
    collect: async () => null,
  };
  return { executor, cancelled };
}

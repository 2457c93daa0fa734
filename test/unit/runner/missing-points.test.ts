import { describe, expect, it } from 'vitest';
import type { Job } from '../../../src/core/artifact.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { runPipeline } from '../../../src/runner/run-pipeline.ts';
import { type FakeStage, FakeStore, fakeExecutor, fakePlan, fakeRun } from '../../support/fake-runner.ts';

/** Three points, and a step that collects them. */
function collecting(missing: 'fail' | 'allow'): Plan {
  const plan = fakePlan({ p1: [], p2: [], p3: [], table: [], after: ['table'] });
  const members = ['p1', 'p2', 'p3'].map((step, seed) => ({ step, point: { seed } }));
  return {
    ...plan,
    steps: plan.steps.map((step) =>
      step.id === 'table'
        ? {
            ...step,
            inputs: { all: { kind: 'collected', members, missing } },
            dependsOn: members.map((member) => member.step),
          }
        : step,
    ),
  };
}

async function run(plan: Plan, broken: readonly string[], store = new FakeStore(), keepGoing = true) {
  const jobs = new Map<string, Job>();
  const stage: FakeStage = async ({ job }) => {
    jobs.set(job.stepId, job);
    return broken.includes(job.stepId)
      ? { status: 'failed', failure: { reason: 'bad-input', message: 'no good' } }
      : job.stepId;
  };
  const { options, events } = fakeRun(plan, store, fakeExecutor(store, stage), { keepGoing });
  return { summary: await runPipeline(options), events, jobs };
}

describe('a step that collects points', () => {
  it('fails naming those that are missing, rather than do with fewer', async () => {
    const { summary, jobs } = await run(collecting('fail'), ['p1', 'p3']);
    expect(jobs.has('table')).toBe(false);
    expect(summary.failures.get('table')).toEqual({
      reason: 'missing-points',
      message:
        "'all' lacks 2 of 3: p1 failed; p3 failed\nnothing is averaged over fewer; with 'missing: allow' it goes on without them",
    });
    expect(summary.steps).toMatchObject({ executed: 1, failed: 3, skipped: 1 });
  });

  it('makes do where it is allowed to, and its record says without which', async () => {
    const { jobs, summary } = await run(collecting('allow'), ['p2']);
    expect(summary.steps).toMatchObject({ executed: 4, failed: 1 });
    const job = jobs.get('table')!;
    expect(job.missing).toEqual([{ input: 'all', point: { seed: 1 } }]);
    expect(job.inputs.all).toHaveLength(2);
    expect(job.fields.inputs.all).toEqual([
      expect.objectContaining({ point: { seed: 0 } }),
      { point: { seed: 1 }, files: {}, missing: true },
      expect.objectContaining({ point: { seed: 2 } }),
    ]);
  });

  it('is another result when the point comes later, and computes that point and itself alone', async () => {
    const store = new FakeStore();
    await run(collecting('allow'), ['p2'], store);
    const { jobs } = await run(collecting('allow'), [], store);
    expect([...jobs.keys()].sort()).toEqual(['p2', 'table']);
    expect(jobs.get('table')?.missing).toEqual([]);
  });

  it('does not make do with nothing', async () => {
    const { summary } = await run(collecting('allow'), ['p1', 'p2', 'p3']);
    expect(summary.failures.get('table')?.reason).toBe('missing-points');
  });

  it('is skipped, with the points named, where the run stops at the failure anyway', async () => {
    const { events, summary } = await run(collecting('fail'), ['p1'], new FakeStore(), false);
    expect(summary.steps.failed).toBe(1);
    const skipped = events.find((event) => event.event === 'step-skipped' && event.stepId === 'table');
    expect(skipped).toMatchObject({ because: expect.stringContaining('p1 failed') });
  });
});

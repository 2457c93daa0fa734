import type { Item } from '../core/artifact.ts';
import { applies, type Catalogue } from '../core/declaration.ts';
import { failpoint } from '../core/failpoint.ts';
import type { Failure } from '../core/failure.ts';
import type { Step } from '../core/plan.ts';
import type { Grant } from '../core/resources.ts';
import { type AssessmentContext, assessItem } from './assess-step.ts';
import { type Ending, type Execution, executeStep, publishAttempt, underLease } from './execute-step.ts';
import type { createMaker, Making } from './make-artifact.ts';
import { type AttemptRequest, runJob, startAttempt } from './run-job.ts';
import type { Lease, StoredObject } from './run-store.ts';

export interface MappedRequest extends AttemptRequest {
  readonly assessment: AssessmentContext;
  readonly make: ReturnType<typeof createMaker>;
  /** Does the work when there is room for it, unless nothing new is to be started. */
  readonly queueUp: (work: (grant: Grant) => Promise<Ending>) => Promise<Execution>;
}

/** Is a step made item by item? */
export function isMapped({ uses, params }: Step, { stages }: Catalogue): boolean {
  const { each } = stages[uses].declaration;
  return each !== undefined && applies(each.when, params);
}

/**
 * A mapped step, under its own lease all the while:
 *
 *   what are the items? ─▶ each item: fingerprint → there? → else lease → attempt → publish ─▶ join, publish
 *
 * Each of these waits for its turn in the ready queue, so that items run side by side and the step itself
 * holds nothing while it waits for them. Killed anywhere, the next run finds the items that were published.
 */
export async function executeMapped(request: MappedRequest): Promise<Execution> {
  const { step, options, assessment, assessed, make, queueUp } = request;
  const { item: unit } = assessment.entryOf(step.uses).declaration.each!;
  const made = await underLease(request, async (lease) => () => makeOfItems(lease));
  return made();

  async function makeOfItems(lease: Lease): Promise<Execution> {
    let attempt: ReturnType<typeof startAttempt> | null = null;
    const listed: { items: readonly Item[] } = { items: [] };
    const asked = await queueUp(async (grant) => {
      attempt = startAttempt(request, grant.threads);
      const part = { kind: 'items' } as const;
      const outcome = await runJob(request, { attempt, lease, part, grant, inputs: options.store });
      const execution: Execution =
        outcome.status === 'failed' ? attempt.failed(outcome.failure) : { status: 'held' };
      if (outcome.status === 'itemised') listed.items = outcome.items;
      return async () => execution;
    });
    if (asked.status !== 'held') return asked;
    const started = attempt! as ReturnType<typeof startAttempt>;
    const { items } = listed;

    let done = 0;
    let broken: Failure | null = null;
    const tell = () =>
      options.emit({
        event: 'step-progressed',
        stepId: step.id,
        done,
        total: items.length,
        unit,
        values: {},
      });
    tell();
    failpoint('mapped-items-listed');
    const makings = await Promise.all(items.map(makeItem));
    const failure = failureOf(items, makings);
    if (failure) return { ...started.failed(failure), final: true };
    const stopped = makings.find((making) => making.status === 'not-started');
    if (stopped?.status === 'not-started') return giveUp(stopped.because);

    const objects = makings.map((making) => (making as { object: StoredObject }).object);
    failpoint('mapped-before-join');
    const made = await queueUp(async (grant) => {
      const parts = items.map((item, at) => ({
        ...item,
        folder: objects[at].folder,
        fingerprint: objects[at].fingerprint,
      }));
      const part = { kind: 'join', items: parts, startedAt: started.startedAt } as const;
      const outcome = await runJob(request, {
        attempt: started,
        lease,
        part,
        grant,
        inputs: options.store,
      });
      return async () =>
        outcome.status === 'failed'
          ? started.failed(outcome.failure)
          : publishAttempt(request, started, lease);
    });
    if (made.status === 'not-started') return giveUp(made.because);
    if (made.status !== 'made') return made;
    const reused = makings.filter(({ status }) => status === 'there').length;
    return { ...made, items: { total: items.length, reused } };

    function giveUp(because: string): Execution {
      options.store.abandon(started, { reason: 'cancelled', message: because });
      return { status: 'not-started', because };
    }

    async function makeItem(item: Item): Promise<Making> {
      const forced = { ...assessment, forced: new Set<string>() };
      const making = await make({
        policy: step.policy,
        assess: async (look) =>
          assessItem({ step, fields: assessed.fields, item }, look === 'first' ? assessment : forced),
        execute: (found) =>
          queueUp(async (grant): Promise<Ending> => {
            // One item that cannot be made fails the step: the others go on only where all failures are wanted.
            if (broken !== null && !options.keepGoing)
              return async () => ({ status: 'not-started', because: `another ${unit} failed` });
            const name = `${step.id}/${item.key}`;
            return executeStep({ ...request, name, item, assessed: found }, grant);
          }),
        retrying: () => {},
      });
      if (making.status === 'failed') broken = making.failure;
      else if (making.status !== 'not-started') {
        done++;
        tell();
        failpoint('mapped-item-made');
      }
      return making;
    }
  }

  function failureOf(items: readonly Item[], makings: readonly Making[]): Failure | null {
    const failed = makings.flatMap((making, at) =>
      making.status === 'failed' ? [{ key: items[at].key, failure: making.failure }] : [],
    );
    if (failed.length === 0) return null;
    const lines = failed.map(({ key, failure }) => `${unit} ${key}: ${failure.message}`);
    const message = `${failed.length} of ${items.length} failed; the others are kept\n${lines.join('\n')}`;
    return { reason: failed[0].failure.reason, message };
  }
}

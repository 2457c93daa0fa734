import type { Failure } from '../core/failure.ts';
import type { Grant } from '../core/resources.ts';
import { type AttemptRequest, changedSource, runJob, startAttempt } from './run-job.ts';
import type { Lease, StoredObject } from './run-store.ts';

export type Execution =
  | {
      readonly status: 'made';
      readonly object: StoredObject;
      readonly attempt: string;
      readonly durationMs: number;
      /** Of a mapped step. */
      readonly items?: { readonly total: number; readonly reused: number };
    }
  | {
      readonly status: 'failed';
      readonly failure: Failure;
      readonly attempt: string | null;
      readonly fingerprint: string | null;
      readonly logTail: readonly string[];
      readonly durationMs: number;
      /** It was retried already where that may help. */
      readonly final?: true;
    }
  /** Another process is at this artifact, or has just made it. */
  | { readonly status: 'held' }
  | { readonly status: 'not-started'; readonly because: string };

/** What is left of an execution when its cores are free for others. To be called, once. */
export type Ending = () => Promise<Execution>;

/**
 * Does the work, and its ending, under the lease of what is to be made, which is given back on every way
 * out. Where another process holds it, or has just made the artifact, no work is done.
 */
export async function underLease(
  { options, assessed, step }: AttemptRequest,
  work: (lease: Lease) => Promise<Ending>,
): Promise<Ending> {
  const claim = await options.store.claim(assessed.fingerprint, options.run.id);
  if (!('lease' in claim)) return async () => ({ status: 'held' });
  const { lease } = claim;
  try {
    // Between the look and the lease another process may have published it.
    const found = options.store.findObject(assessed.fingerprint);
    if (found.status === 'sound' && !options.forced.has(step.id)) {
      lease.releasePublished();
      return async () => ({ status: 'held' });
    }
    const ending = await work(lease);
    return () => ending().finally(() => lease.release());
  } catch (error) {
    lease.release();
    throw error;
  }
}

/**
 * A step that took less than this gives its cores back before it is published, which is waiting for the
 * disk for about as long as it took. A longer one keeps them, so that what waits for it, being next by
 * rank, gets them.
 */
const QUICK_MS = 250;

/** Lease → attempt → worker → publish, for a step in one piece or an item of a mapped one. */
export function executeStep(request: AttemptRequest, grant: Grant): Promise<Ending> {
  return underLease(request, async (lease) => {
    const attempt = startAttempt(request, grant.threads);
    const part = request.item ? ({ kind: 'item', item: request.item } as const) : WHOLE;
    const outcome = await runJob(request, { attempt, lease, part, grant, inputs: request.options.store });
    const ending: Ending = async () =>
      outcome.status === 'failed' ? attempt.failed(outcome.failure) : publishAttempt(request, attempt, lease);
    if (attempt.durationMs() < QUICK_MS) return ending;
    const execution = await ending();
    return async () => execution;
  });
}

const WHOLE = { kind: 'whole' } as const;

/** Publishes what an attempt left, unless a source changed meanwhile. */
export async function publishAttempt(
  { step, assessed, options, sources }: AttemptRequest,
  attempt: ReturnType<typeof startAttempt>,
  lease: Lease,
): Promise<Execution> {
  const changed = changedSource(assessed.fields.sources, await sources.again(step));
  if (changed !== null) {
    return attempt.failed({
      reason: 'source-changed',
      message: `${changed} changed while ${step.id} read it; nothing was published: run again`,
    });
  }
  const publication = await options.store.publish(attempt, lease);
  if (!publication.ok) return attempt.failed(publication.failure);
  return {
    status: 'made',
    object: publication.object,
    attempt: attempt.id,
    durationMs: attempt.durationMs(),
  };
}

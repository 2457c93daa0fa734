import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure, FailureReason } from '../core/failure.ts';
import type { StepPolicy } from '../core/resources.ts';
import type { Assessment } from './assess-step.ts';
import type { Execution } from './execute-step.ts';
import type { RunStore, StoredObject } from './run-store.ts';

/** Something with a fingerprint that is to be there in the end: a step, or an item of a mapped one. */
export interface Wanted {
  readonly policy: StepPolicy;
  /** Looks whether it is there. What is forced is so at the first look alone. */
  readonly assess: (look: 'first' | 'again') => Promise<Assessment>;
  /** Makes it, when there is room for it. */
  readonly execute: (assessed: Assessment) => Promise<Execution>;
  readonly retrying: (retry: Retry) => void;
}

export interface Retry {
  readonly failed: Extract<Execution, { status: 'failed' }>;
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly afterMs: number;
}

export type Making =
  | { readonly status: 'there'; readonly object: StoredObject }
  | (Extract<Execution, { status: 'made' | 'failed' | 'not-started' }> & { readonly assessed: Assessment });

export interface MakerOptions {
  readonly store: RunStore;
  readonly signal: AbortSignal;
  /** Why nothing new is to be started, if so. */
  readonly stopping: () => string | null;
  /** Before the first retry; doubled before each further one. */
  readonly backoffMs?: number;
}

/**
 * What may go better another time: the process died or hung, or broke in a way that nobody foresaw; and
 * commands, of which nobody knows why they fail. All other failures are about data, parameters, the disk
 * or the machine, and would only be repeated.
 */
const RETRIED: readonly FailureReason[] = [
  'worker-died',
  'timed-out',
  'internal-error',
  'command-failed',
  'stage-failed',
];

const BACKOFF_MS = 1000;
const BACKOFF_MS_MAX = 60_000;

/** Makes each artifact of a run once, whoever else wants it: other steps of the run, or other processes. */
export function createMaker({ store, signal, stopping, backoffMs = BACKOFF_MS }: MakerOptions) {
  const inFlight = new Map<string, Promise<unknown>>(); // by fingerprint

  return async function make({ policy, assess, execute, retrying }: Wanted): Promise<Making> {
    const first = await assess('first');
    let retries = 0;
    for (let assessed = first; ; assessed = { ...(await assess('again')), reasons: first.reasons }) {
      if (assessed.object) return { status: 'there', object: assessed.object };
      const sibling = inFlight.get(assessed.fingerprint);
      if (sibling) {
        await sibling;
        continue;
      }
      const turn = execute(assessed);
      inFlight.set(assessed.fingerprint, turn);
      const execution = await turn.finally(() => inFlight.delete(assessed.fingerprint));
      if (execution.status === 'held') {
        await store.waitFor(assessed.fingerprint, signal);
        if (signal.aborted) return interrupted(assessed);
        continue;
      }
      const again =
        execution.status === 'failed' &&
        !execution.final &&
        mayRetry(execution.failure) &&
        retries < policy.retries;
      if (!again) return { ...execution, assessed };
      retries++;
      const afterMs = Math.min(backoffMs * 2 ** (retries - 1), BACKOFF_MS_MAX);
      retrying({ failed: execution, number: retries, of: policy.retries, afterMs });
      await sleep(afterMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return interrupted(assessed);
      if (stopping() !== null) return { ...execution, assessed };
    }
  };

  function mayRetry({ reason }: Failure): boolean {
    return RETRIED.includes(reason) && stopping() === null;
  }
}

function interrupted(assessed: Assessment): Making {
  return { status: 'not-started', because: 'the run was interrupted', assessed };
}

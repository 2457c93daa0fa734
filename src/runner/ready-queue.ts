import PQueue, { type Queue, type QueueAddOptions } from 'p-queue';
import type { Capacity, Demand, Grant } from '../core/resources.ts';
import { type Claim, Ledger } from './ledger.ts';

type Run = () => Promise<unknown>;
type Options = QueueAddOptions & { readonly claim?: Claim };

export interface ReadyQueue {
  /** Does the work when its turn has come, with what it is granted; that is given back when the work has ended. */
  add<T>(work: (grant: Grant) => Promise<T>, of: { demand: Demand; priority: number }): Promise<T>;
}

/**
 * Gates all launches of a run. p-queue starts what may start and caps how many do at once; which of the
 * waiting may is the ledger's to say, so p-queue gets it as its queue, and sees only what fits.
 */
export function createReadyQueue(capacity: Capacity, steps: number): ReadyQueue {
  const ledger = new Ledger(capacity, steps);
  const grants = new Map<Claim, Grant>();
  const runs = new Map<Claim, Run>();

  class LedgerQueue implements Queue<Run, Options> {
    /** What can be started now: p-queue asks for no more. */
    get size(): number {
      return ledger.ready ? 1 : 0;
    }
    enqueue(run: Run, options?: Partial<Options>): void {
      runs.set(options!.claim!, run);
      ledger.enqueue(options!.claim!);
    }
    dequeue(): Run | undefined {
      const next = ledger.grantNext();
      if (next === null) return undefined;
      grants.set(next.claim, next.grant);
      const run = runs.get(next.claim);
      runs.delete(next.claim);
      return run;
    }
    filter(): Run[] {
      return [...runs.values()];
    }
    setPriority(): void {
      throw new Error('priorities are given when a step is queued');
    }
  }

  const queue = new PQueue<LedgerQueue, Options>({ concurrency: steps, queueClass: LedgerQueue });
  let gathering = false;

  /** What becomes ready in one turn of the event loop is seen together: else the first would get all cores. */
  function gather(): void {
    if (gathering) return;
    gathering = true;
    queue.pause();
    setImmediate(() => {
      gathering = false;
      queue.start();
    });
  }

  return {
    add(work, { demand, priority }) {
      const claim: Claim = { demand, priority };
      gather();
      return queue.add(
        async () => {
          try {
            return await work(grants.get(claim)!);
          } finally {
            grants.delete(claim);
            ledger.release(claim);
            gather(); // what this end makes ready takes part in what it frees, and is told after it
          }
        },
        { claim },
      );
    },
  };
}

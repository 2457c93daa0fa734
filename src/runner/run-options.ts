import type { Catalogue } from '../core/declaration.ts';
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../core/plan.ts';
import type { Capacity } from '../core/resources.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import type { Executor } from './executor.ts';
import type { RunRecord, RunStore } from './run-store.ts';

/** What an event says, without the when and the which run. */
export type EventBody = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, 'at' | 'runId'>
    : never
  : never;

export interface RunOptions {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  /** Where the catalogue's modules are, absolute. */
  readonly moduleFolder: string;
  readonly engine: EngineIdentity;
  /** What the steps share out among them. */
  readonly capacity: Capacity;
  readonly store: RunStore;
  readonly run: RunRecord;
  readonly executor: Executor;
  readonly emit: (event: EventBody) => void;
  readonly signal: AbortSignal;
  readonly keepGoing: boolean;
  /** Ids of steps to compute although their artifact is there. */
  readonly forced: ReadonlySet<string>;
  /** Before a step is tried again; tests are less patient. */
  readonly backoffMs?: number;
}

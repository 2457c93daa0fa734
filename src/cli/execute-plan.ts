import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Catalogue } from '../core/declaration.ts';
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../core/plan.ts';
import type { Capacity } from '../core/resources.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import { checkDemands, computesOnGpu } from '../runner/check-demands.ts';
import { createLocalExecutor } from '../runner/local-executor.ts';
import { findCapacity } from '../runner/machine-capacity.ts';
import type { EventBody } from '../runner/run-options.ts';
import type { RunSummary } from '../runner/run-pipeline.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { countOf } from '../views/format.ts';
import type { InterruptibleView } from './create-run-view.ts';
import { installFolder } from './install-folder.ts';
import { listenForSignals } from './signals.ts';
import { UsageError } from './usage-error.ts';

declare const CLADE_VERSION: string;

export interface PlanExecution {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly engine: EngineIdentity;
  /** Ids of steps to compute although their artifact is there. */
  readonly forced: ReadonlySet<string>;
  readonly artifacts: string;
  /** What there is for the steps, and what is to be said of it. */
  readonly capacity: Capacity;
  readonly notes: readonly string[];
  /** Steps at a time, at most; as many as there are cores where absent. */
  readonly jobs?: number;
  readonly keepGoing: boolean;
  /** What was said besides the file, so that the run can be called again. */
  readonly called?: { readonly set: readonly string[]; readonly engine?: string };
  /** Called when the run is there to be shown. */
  readonly openView: () => Promise<InterruptibleView>;
}

export interface ExecutedPlan extends RunSummary {
  readonly runId: string;
  /** What interrupted it. */
  readonly signal: NodeJS.Signals | null;
}

export interface Sharing {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly engine: EngineIdentity;
  readonly cpus?: number;
  readonly gpus?: number;
}

/** What there is for the steps. @throws UsageError where one of them needs more. */
export function shareOut({ plan, catalogue, engine, cpus, gpus }: Sharing) {
  const capacity = findCapacity({ cpus, gpus, engineOnGpu: computesOnGpu(engine) });
  const { problems, notes } = checkDemands({ steps: plan.steps, catalogue, engine, capacity });
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return { capacity, notes };
}

/** One run, from an opened store to its last event; everything is closed again, whatever happens. */
export async function executePlan(execution: PlanExecution): Promise<ExecutedPlan> {
  const store = openStore({ folder: execution.artifacts });
  try {
    return await executeInStore(execution, store);
  } finally {
    await store.emptyTrash();
    store.close();
  }
}

async function executeInStore(
  { plan, catalogue, engine, forced, capacity, notes, jobs, keepGoing, called, openView }: PlanExecution,
  store: Store,
): Promise<ExecutedPlan> {
  const { runPipeline } = await import('../runner/run-pipeline.ts');
  const startedMs = performance.now();
  const recovered = recoveryNotes(await store.recover());
  const run = store.startRun({
    pipeline: plan.name,
    file: plan.file,
    text: plan.text,
    points: plan.points,
    sweep: plan.sweep,
    ...(called ? { called } : {}),
    engine: engine.name,
    versions: { clade: CLADE_VERSION, node: process.version },
  });
  const workers = Math.min(jobs ?? capacity.cpu, capacity.cpu);
  const view = await openView();
  const emit = (body: EventBody) => {
    const { event: name, ...facts } = body;
    if (name === 'step-started') optimise();
    const event = { event: name, at: new Date().toISOString(), runId: run.id, ...facts } as RunEvent;
    run.append(event);
    view.show(event);
  };
  const signals = listenForSignals(() => view.interrupting?.());
  const executor = createLocalExecutor({ workerModule: join(installFolder(), 'worker.js'), workers });
  emit({
    event: 'run-started',
    pipeline: plan.name,
    file: plan.file,
    engine: engine.name,
    workers,
    steps: plan.steps.length,
    points: plan.points.length,
    ...(plan.sweep === null ? {} : { sweep: plan.sweep }),
    notes: [...store.notes, ...recovered, ...notes, ...plan.notes.map(({ message }) => message)],
  });
  try {
    const summary = await runPipeline({
      plan,
      catalogue,
      moduleFolder: installFolder(),
      engine,
      capacity,
      store,
      run,
      executor,
      emit,
      signal: signals.signal,
      keepGoing,
      forced,
    });
    const { status, steps } = summary;
    const durationMs = Math.round(performance.now() - startedMs);
    emit({ event: 'run-finished', status, steps, durationMs });
    run.finish({ status, steps, durationMs });
    return { ...summary, runId: run.id, signal: signals.received() };
  } finally {
    await executor.close();
    await view.close();
    signals.stop();
  }
}

let optimises = false;

/** V8 optimises late (`bin/clade.js`), for runs in which nothing is to be done. This one goes on. */
function optimise(): void {
  if (!optimises) setFlagsFromString('--interrupt-budget=135168');
  optimises = true;
}

/** What earlier, killed runs left, said once. */
function recoveryNotes({ published, resumable, refused }: Awaited<ReturnType<Store['recover']>>): string[] {
  return [
    ...(published.length > 0
      ? [`${countOf(published.length, 'result')} of an interrupted run found and kept`]
      : []),
    ...(resumable.length > 0
      ? [`${countOf(resumable.length, 'checkpoint')} of an interrupted run to go on from`]
      : []),
    ...refused.map(({ attempt, message }) => `attempt ${attempt} could not be kept: ${message}`),
  ];
}

import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../core/plan.ts';
import type { Capacity } from '../core/resources.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import { selectSteps } from '../plan/select-steps.ts';
import { checkDemands, computesOnGpu } from '../runner/check-demands.ts';
import { createLocalExecutor } from '../runner/local-executor.ts';
import { findCapacity } from '../runner/machine-capacity.ts';
import type { EventBody } from '../runner/run-options.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { countOf } from '../views/format.ts';
import { createRunView, type RunViewChoice } from './create-run-view.ts';
import { EXIT } from './exit-codes.ts';
import { installFolder, loadCatalogue } from './install-folder.ts';
import {
  artifactsOption,
  collect,
  engineOption,
  positiveInteger,
  setOption,
  wholeNumber,
} from './options.ts';
import { readPipeline } from './read-pipeline.ts';
import { decideEngine } from './resolve-engine.ts';
import { listenForSignals } from './signals.ts';
import { UsageError } from './usage-error.ts';

declare const CLADE_VERSION: string;

interface RunOptions extends RunViewChoice {
  readonly set: string[];
  readonly only: string[];
  readonly force: string[];
  readonly jobs?: number;
  readonly cpus?: number;
  readonly gpus?: number;
  readonly keepGoing?: boolean;
  readonly dryRun?: boolean;
  readonly engine?: string;
  readonly executor: string;
  readonly artifacts: string;
}

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('run a pipeline: compute what is missing or stale, reuse the rest')
    .argument('<file>', 'pipeline file')
    .addOption(setOption())
    .option('--only <step>', 'this step and what it needs (STEP or STEP@axis=value)', collect, [])
    .option('--force <step>', 'compute this step although its artifact is there', collect, [])
    .option('-j, --jobs <n>', 'steps at a time, at most (default: what cores allow)', positiveInteger)
    .option('--cpus <n>', 'cores to share out among the steps (default: all there are)', positiveInteger)
    .option('--gpus <n>', 'GPUs to share out among the steps (default: all found)', wholeNumber)
    .option('--keep-going', 'after a failure, finish what does not depend on it')
    .option('--dry-run', 'say what would run, and why; run nothing')
    .option('--plain', 'lines instead of the live view')
    .option('--json', 'events as JSON Lines')
    .addOption(engineOption())
    .addOption(
      new Option('--executor <name>', 'where steps are executed').choices(['local']).default('local'),
    )
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(runCommand);
}

const EXAMPLES = `
Examples:
  clade run pipelines/quickstart.yaml
  clade run thesis.yaml --set data=~/heads --set gamma=0.1
  clade run thesis.yaml --only pretrain --json`;

async function runCommand(file: string, options: RunOptions): Promise<void> {
  const catalogue = loadCatalogue();
  const plan = readPipeline({ file, catalogue, set: options.set, only: options.only });
  if (!plan) {
    process.exitCode = EXIT.usage;
    return;
  }
  const { engine, why } = await decideEngine({
    ...options,
    asked: options.engine,
    plan,
    catalogue,
    measuring: options.dryRun ? undefined : (line) => void process.stderr.write(`clade: ${line}\n`),
  });
  const forced = forcedSteps(plan, options.force);
  const { capacity, notes } = shareOut({ plan, catalogue, engine, options });
  const told = [...(why === null ? [] : [`engine ${engine.name}: ${why}`]), ...notes];
  if (options.dryRun) {
    const { dryRun } = await import('./dry-run.ts');
    return dryRun({
      plan,
      catalogue,
      engine,
      forced,
      artifacts: options.artifacts,
      json: options.json === true,
    });
  }
  const store = openStore({ folder: options.artifacts });
  try {
    process.exitCode = await runInStore({
      plan,
      catalogue,
      engine,
      forced,
      store,
      capacity,
      notes: told,
      options,
    });
  } finally {
    store.close();
  }
}

interface RunRequest {
  readonly plan: Plan;
  readonly catalogue: ReturnType<typeof loadCatalogue>;
  readonly engine: EngineIdentity;
  readonly forced: ReadonlySet<string>;
  readonly store: Store;
  readonly capacity: Capacity;
  readonly notes: readonly string[];
  readonly options: RunOptions;
}

/** What there is for the steps. @throws UsageError where one of them needs more. */
function shareOut({
  plan,
  catalogue,
  engine,
  options,
}: Omit<RunRequest, 'forced' | 'store' | 'capacity' | 'notes'>) {
  const { cpus, gpus } = options;
  const capacity = findCapacity({ cpus, gpus, engineOnGpu: computesOnGpu(engine) });
  const { problems, notes } = checkDemands({ steps: plan.steps, catalogue, engine, capacity });
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return { capacity, notes };
}

/** @returns the exit status. */
async function runInStore(request: RunRequest): Promise<number> {
  const { plan, catalogue, engine, forced, store, capacity, options } = request;
  const { runPipeline } = await import('../runner/run-pipeline.ts');
  const startedMs = performance.now();
  const recovered = recoveryNotes(await store.recover());
  const run = store.startRun({
    pipeline: plan.name,
    file: plan.file,
    text: plan.text,
    points: plan.points,
    sweep: plan.sweep,
    engine: engine.name,
    versions: { clade: CLADE_VERSION, node: process.version },
  });
  const workers = Math.min(options.jobs ?? capacity.cpu, capacity.cpu);
  const view = await createRunView(options);
  const emit = (body: EventBody) => {
    const { event: name, ...facts } = body;
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
    notes: [...store.notes, ...recovered, ...request.notes, ...plan.notes.map(({ message }) => message)],
  });
  try {
    const { status, steps } = await runPipeline({
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
      keepGoing: options.keepGoing === true,
      forced,
    });
    const durationMs = Math.round(performance.now() - startedMs);
    emit({ event: 'run-finished', status, steps, durationMs });
    run.finish({ status, steps, durationMs });
    if (status === 'interrupted')
      return signals.received() === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
    return status === 'failed' ? EXIT.failed : EXIT.done;
  } finally {
    await executor.close();
    await view.close();
    signals.stop();
  }
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

function forcedSteps(plan: Plan, selectors: readonly string[]): ReadonlySet<string> {
  const { stepIds, diagnostics } = selectSteps(plan, selectors);
  const [first] = diagnostics;
  if (first) throw new UsageError(`--force: ${first.message}${first.hint ? ` (${first.hint})` : ''}`);
  return new Set(stepIds);
}

import { type Command, Option } from 'commander';
import type { Plan } from '../core/plan.ts';
import { selectSteps } from '../plan/select-steps.ts';
import { createRunView, type RunViewChoice } from './create-run-view.ts';
import { executePlan, shareOut } from './execute-plan.ts';
import { EXIT, exitStatus } from './exit-codes.ts';
import { loadCatalogueFor } from './load-catalogue.ts';
import {
  artifactsOption,
  engineOption,
  positiveInteger,
  repeatable,
  setOption,
  wholeNumber,
} from './options.ts';
import { readPipeline } from './read-pipeline.ts';
import { decideEngine } from './resolve-engine.ts';
import type { RunCall } from './resume-sweep.ts';
import { UsageError } from './usage-error.ts';

interface RunOptions extends RunViewChoice {
  readonly set: string[];
  readonly resume?: string;
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
    .argument('[file]', 'pipeline file')
    .addOption(setOption())
    .option('--resume <name>', 'go on with a sweep by its name (or a run): its file, with the same --set')
    .addOption(
      repeatable('--only <step>', 'this step and what it needs (STEP or STEP@axis=value)', 'every step'),
    )
    .addOption(repeatable('--force <step>', 'compute this step although its artifact is there'))
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
  clade run thesis.yaml --only pretrain --json
  clade run --resume gamma-study --keep-going`;

async function runCommand(named: string | undefined, options: RunOptions): Promise<void> {
  const { file, set, engine: asked } = await callOf(named, options);
  const catalogue = await loadCatalogueFor(file);
  const plan = readPipeline({ file, catalogue, set, only: options.only });
  if (!plan) {
    process.exitCode = EXIT.usage;
    return;
  }
  const { engine, why } = await decideEngine({
    ...options,
    asked,
    plan,
    catalogue,
    measuring: options.dryRun ? undefined : (line) => void process.stderr.write(`clade: ${line}\n`),
  });
  const forced = forcedSteps(plan, options.force);
  const { capacity, notes } = shareOut({ plan, catalogue, engine, cpus: options.cpus, gpus: options.gpus });
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
  const { status, signal } = await executePlan({
    plan,
    catalogue,
    engine,
    forced,
    capacity,
    notes: told,
    artifacts: options.artifacts,
    jobs: options.jobs,
    keepGoing: options.keepGoing === true,
    called: { set, engine: asked },
    openView: () => createRunView(options),
  });
  process.exitCode = exitStatus(status, signal);
}

/** What is to be run: a file, or what a sweep of that name was called with. */
async function callOf(file: string | undefined, options: RunOptions): Promise<RunCall> {
  const { resume, set, engine, artifacts } = options;
  if (resume === undefined) {
    if (file === undefined)
      throw new UsageError('which pipeline? clade run FILE, or clade run --resume SWEEP');
    return { file, set, engine };
  }
  if (file !== undefined)
    throw new UsageError(`--resume ${resume} knows its pipeline file: leave ${file} out, or --resume`);
  const { resumeSweep } = await import('./resume-sweep.ts');
  return resumeSweep(resume, artifacts, { set, engine });
}

function forcedSteps(plan: Plan, selectors: readonly string[]): ReadonlySet<string> {
  const { stepIds, diagnostics } = selectSteps(plan, selectors);
  const [first] = diagnostics;
  if (first) throw new UsageError(`--force: ${first.message}${first.hint ? ` (${first.hint})` : ''}`);
  return new Set(stepIds);
}

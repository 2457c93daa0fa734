import type { Command } from 'commander';
import { explainPlan } from '../runner/explain-plan.ts';
import { openStore } from '../store/open-store.ts';
import { openLineage } from '../store/read-lineage.ts';
import { runsTable } from '../views/lineage/runs-table.ts';
import { EXIT } from './exit-codes.ts';
import { loadCatalogueFor } from './load-catalogue.ts';
import { artifactsOption, engineOption, jsonOption, setOption } from './options.ts';
import { readPipeline } from './read-pipeline.ts';
import { decideEngine } from './resolve-engine.ts';

interface StatusOptions {
  readonly set: string[];
  readonly engine?: string;
  readonly exitCode?: boolean;
  readonly json?: boolean;
  readonly artifacts: string;
}

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('what is going on; of a pipeline file: what is up to date and what is not')
    .argument('[file]', 'pipeline file')
    .addOption(setOption())
    .addOption(engineOption())
    .option('--exit-code', 'exit with 3 where something is stale')
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .action((file: string | undefined, options: StatusOptions) =>
      file ? ofFile(file, options) : ofFolder(options),
    );
}

function ofFolder({ artifacts, json }: StatusOptions): void {
  const lineage = openLineage(artifacts);
  try {
    const running = lineage.listRuns().filter(({ status }) => status === 'running');
    const [latest] = lineage.listRuns({ limit: 1 });
    if (json) process.stdout.write(`${JSON.stringify({ running, latest: latest ?? null })}\n`);
    else if (running.length > 0) process.stdout.write(runsTable(running, artifacts));
    else process.stdout.write(`nothing is running\n${latest ? runsTable([latest], artifacts) : ''}`);
  } finally {
    lineage.close();
  }
}

async function ofFile(file: string, options: StatusOptions): Promise<void> {
  const catalogue = await loadCatalogueFor(file);
  const plan = readPipeline({ file, catalogue, set: options.set });
  if (!plan) {
    process.exitCode = EXIT.usage;
    return;
  }
  const store = openStore({ folder: options.artifacts, readOnly: true });
  try {
    const { engine } = await decideEngine({ ...options, asked: options.engine, plan, catalogue });
    const steps = await explainPlan({ plan, catalogue, engine, store, forced: new Set() });
    const stale = steps.filter(({ verdict }) => verdict !== 'reused').map(({ step }) => step.id);
    if (options.json) process.stdout.write(`${JSON.stringify({ total: steps.length, stale })}\n`);
    else {
      process.stdout.write(`${steps.length - stale.length} of ${steps.length} steps are up to date\n`);
      for (const id of stale) process.stdout.write(`  stale: ${id}\n`);
    }
    if (options.exitCode && stale.length > 0) process.exitCode = EXIT.damage;
  } finally {
    store.close();
  }
}

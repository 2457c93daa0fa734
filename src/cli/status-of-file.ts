import { explainPlan } from '../runner/explain-plan.ts';
import { openStore } from '../store/open-store.ts';
import { EXIT } from './exit-codes.ts';
import { loadCatalogueFor } from './load-catalogue.ts';
import { readPipeline } from './read-pipeline.ts';
import { decideEngine } from './resolve-engine.ts';

export interface StatusOptions {
  readonly set: string[];
  readonly engine?: string;
  readonly exitCode?: boolean;
  readonly json?: boolean;
  readonly artifacts: string;
}

/** What of a pipeline file is up to date, in words or as JSON on stdout. */
export async function statusOfFile(file: string, options: StatusOptions): Promise<void> {
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

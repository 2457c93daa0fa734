import type { Command } from 'commander';
import { restrictPlan } from '../plan/plan-pipeline.ts';
import { selectSteps } from '../plan/select-steps.ts';
import { explainPlan } from '../runner/explain-plan.ts';
import { openStore } from '../store/open-store.ts';
import { explanationText } from '../views/explain/explanation-text.ts';
import { EXIT } from './exit-codes.ts';
import { loadCatalogueFor } from './load-catalogue.ts';
import { artifactsOption, engineOption, jsonOption, setOption } from './options.ts';
import { readPipeline } from './read-pipeline.ts';
import { decideEngine } from './resolve-engine.ts';
import { UsageError } from './usage-error.ts';

interface WhyOptions {
  readonly set: string[];
  readonly engine?: string;
  readonly json?: boolean;
  readonly artifacts: string;
}

export function addWhyCommand(program: Command): void {
  program
    .command('why')
    .description('why a step would run or be reused, field by field')
    .argument('<file>', 'pipeline file')
    .argument('<step>', 'STEP or STEP@axis=value')
    .addOption(setOption())
    .addOption(engineOption())
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(why);
}

const EXAMPLES = `
Examples:
  clade why thesis.yaml pretrain
  clade why thesis.yaml finetune@gamma=0.1 --set epochs=200`;

async function why(file: string, selector: string, options: WhyOptions): Promise<void> {
  const catalogue = await loadCatalogueFor(file);
  const plan = readPipeline({ file, catalogue, set: options.set });
  if (!plan) {
    process.exitCode = EXIT.usage;
    return;
  }
  const { stepIds, diagnostics } = selectSteps(plan, [selector]);
  const [problem] = diagnostics;
  if (problem) throw new UsageError(`${problem.message}${problem.hint ? ` (${problem.hint})` : ''}`);
  const store = openStore({ folder: options.artifacts, readOnly: true });
  try {
    const { engine } = await decideEngine({ ...options, asked: options.engine, plan, catalogue });
    const needed = restrictPlan(plan, stepIds); // other steps' sources, versions and objects are not looked at
    const explained = await explainPlan({ plan: needed, catalogue, engine, store, forced: new Set() });
    const asked = explained.filter(({ step }) => stepIds.includes(step.id));
    if (options.json) {
      const rows = asked.map(({ step, verdict, fingerprint, reasons, failure }) => ({
        stepId: step.id,
        verdict,
        fingerprint,
        reasons,
        failure,
      }));
      process.stdout.write(`${JSON.stringify({ steps: rows })}\n`);
    } else {
      for (const explanation of asked) process.stdout.write(explanationText(explanation));
    }
  } finally {
    store.close();
  }
}

import type { Catalogue } from '../core/declaration.ts';
import type { Plan } from '../core/plan.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import { explainPlan } from '../runner/explain-plan.ts';
import { openStore } from '../store/open-store.ts';
import { explanationTable } from '../views/explain/explanation-text.ts';
import { EXIT } from './exit-codes.ts';

export interface DryRunRequest {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly engine: EngineIdentity;
  readonly forced: ReadonlySet<string>;
  readonly artifacts: string;
  readonly json: boolean;
}

/** What a run would do; writes nothing. */
export async function dryRun({
  plan,
  catalogue,
  engine,
  forced,
  artifacts,
  json,
}: DryRunRequest): Promise<void> {
  const store = openStore({ folder: artifacts, readOnly: true });
  try {
    const explanations = await explainPlan({ plan, catalogue, engine, store, forced });
    const costMs = (uses: string) => median(store.lineage.durations(catalogue.stages[uses].declaration.name));
    if (json) {
      const rows = explanations.map(({ step, verdict, reasons, failure }) => ({
        stepId: step.id,
        verdict,
        reasons,
        failure,
        costMs: verdict === 'would-run' ? costMs(step.uses) : 0,
      }));
      process.stdout.write(`${JSON.stringify({ steps: rows })}\n`);
    } else {
      process.stdout.write(explanationTable(explanations, costMs));
    }
    if (explanations.some(({ verdict }) => verdict === 'cannot-run')) process.exitCode = EXIT.failed;
  } finally {
    store.close();
  }
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

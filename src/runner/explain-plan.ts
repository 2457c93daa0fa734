import type { OutputFile } from '../core/artifact.ts';
import type { Catalogue } from '../core/declaration.ts';
import type { StaleReason } from '../core/events.ts';
import { type Failure, toFailure } from '../core/failure.ts';
import type { Plan, Step } from '../core/plan.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import { type AssessmentContext, assessStep, createSourceDigests, earlierExecution } from './assess-step.ts';
import { fingerprintFields } from './fingerprint.ts';
import type { RunStore } from './run-store.ts';
import { staleReasons } from './staleness.ts';

export interface Explanation {
  readonly step: Step;
  readonly verdict: 'reused' | 'would-run' | 'cannot-run';
  readonly fingerprint: string | null;
  /** Of `would-run`: what changed; steps whose inputs are not made yet say on which they depend. */
  readonly reasons: readonly StaleReason[];
  /** Of `cannot-run`. */
  readonly failure: Failure | null;
}

export interface ExplainOptions {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly engine: EngineIdentity;
  readonly store: RunStore;
  readonly forced: ReadonlySet<string>;
}

/** What a run would do, step by step, and why; nothing is executed. */
export async function explainPlan(options: ExplainOptions): Promise<Explanation[]> {
  const { plan, catalogue, engine, store, forced } = options;
  const made = new Map<string, readonly OutputFile[]>();
  const context: AssessmentContext = {
    pipeline: plan.name,
    engine,
    store,
    forced,
    sources: createSourceDigests(store),
    entryOf: (stage) => catalogue.stages[stage],
    outputsOf: (id) => made.get(id) ?? null,
  };
  const explanations: Explanation[] = [];
  for (const step of plan.steps) explanations.push(await explain(step));
  return explanations;

  async function explain(step: Step): Promise<Explanation> {
    try {
      const waitsFor = step.dependsOn.filter((id) => !made.has(id));
      if (waitsFor.length > 0) {
        const reasons = [...(await ownReasons(step, context)), ...waitsFor.map(dependsOn)];
        return { step, verdict: 'would-run', fingerprint: null, reasons, failure: null };
      }
      const { object, fingerprint, reasons } = await assessStep(step, context);
      if (object) made.set(step.id, object.outputs);
      return { step, verdict: object ? 'reused' : 'would-run', fingerprint, reasons, failure: null };
    } catch (thrown) {
      return { step, verdict: 'cannot-run', fingerprint: null, reasons: [], failure: toFailure(thrown) };
    }
  }
}

function dependsOn(field: string): StaleReason {
  return { code: 'depends-on', field };
}

/** What changed in the step itself, while its inputs are not known yet. */
async function ownReasons(step: Step, context: AssessmentContext): Promise<StaleReason[]> {
  const earlier = earlierExecution(step, context);
  if (!earlier) return [];
  const entry = context.entryOf(step.uses);
  const known = fingerprintFields({
    step: { ...step, inputs: {} },
    entry,
    engine: context.engine,
    outputsOf: context.outputsOf,
    sources: await context.sources.of(step),
  });
  const fields = { ...known, inputs: earlier.fields.inputs };
  return staleReasons({ step, fields, codeModules: entry.modules, earlier });
}

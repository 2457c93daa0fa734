import type { Catalogue } from '../../core/declaration.ts';
import type { Expectation } from '../../core/expectation.ts';
import type { Plan } from '../../core/plan.ts';
import type { CheckResult, TestReport } from '../../core/test-report.ts';
import type { EngineIdentity } from '../../core/trainable.ts';
import type { Check, FactsOf, Verdict } from '../../expect/check.ts';
import { type EarlierRun, findLastHeld } from '../../expect/find-last-held.ts';
import { judge } from '../../expect/judge.ts';
import type { GoldenFiles } from '../../expect/judge-file.ts';
import { listChecks } from '../../expect/list-checks.ts';
import { planUpdate } from '../../expect/plan-update.ts';
import { traceChanges } from '../../runner/trace-changes.ts';
import { type Lineage, openLineage } from '../../store/read-lineage.ts';
import type { InterruptibleView } from '../create-run-view.ts';
import { type ExecutedPlan, executePlan, shareOut } from '../execute-plan.ts';
import { goldenFiles, writeGolden } from './golden-files.ts';

export interface PipelineCheck {
  readonly plan: Plan;
  readonly expectations: readonly Expectation[];
  readonly catalogue: Catalogue;
  readonly engine: EngineIdentity;
  readonly artifacts: string;
  /** What the run is to say of its engine. */
  readonly notes: readonly string[];
  readonly jobs?: number;
  readonly update: boolean;
  readonly openView: () => Promise<InterruptibleView>;
}

export interface CheckedPipeline {
  readonly report: TestReport;
  /** What interrupted the run. */
  readonly signal: NodeJS.Signals | null;
}

/** How far back to look for a run in which something held. */
const EARLIER_RUNS_MAX = 200;

/** Runs what is stale, holds the results against what the file expects, and says since when what fails does. */
export async function checkPipeline(request: PipelineCheck): Promise<CheckedPipeline> {
  const startedMs = performance.now();
  const { plan, update } = request;
  const { capacity, notes } = shareOut(request);
  const executed = await executePlan({
    ...request,
    capacity,
    notes: [...request.notes, ...notes],
    forced: new Set(),
    keepGoing: true,
  });
  const factsOf = factsOfRun(plan, executed);
  const golden = goldenFiles(plan.file);
  const judged: { readonly check: Check; readonly verdict: Verdict }[] = [];
  for (const check of listChecks(plan, request.expectations))
    judged.push({ check, verdict: await judge(check, { factsOf, golden }) });

  const updatePlan = update && executed.status === 'succeeded' ? planUpdate(judged) : null;
  const written = updatePlan && writeGolden({ plan: updatePlan, file: plan.file, text: plan.text });
  const lineage = openLineage(request.artifacts);
  try {
    const history = createHistory({ plan, executed, lineage, golden });
    const checks: CheckResult[] = [];
    for (const { check, verdict } of judged) {
      const settled = written?.refusals.length === 0 && updatePlan?.settled.has(check) === true;
      const since = verdict.ok ? UNNEEDED : await history.since(check);
      checks.push(toResult(check, verdict, settled, since));
    }
    const count = (status: CheckResult['status']) => checks.filter((one) => one.status === status).length;
    const counts = { passed: count('passed'), failed: count('failed'), updated: count('updated') };
    const report: TestReport = {
      pipeline: plan.name,
      file: plan.file,
      runId: executed.runId,
      runStatus: executed.status,
      status: counts.failed === 0 && executed.status === 'succeeded' ? 'passed' : 'failed',
      durationMs: Math.round(performance.now() - startedMs),
      counts,
      checks,
      updates: written?.updates ?? [],
      refusals: [
        ...(updatePlan?.refusals ?? []),
        ...(written?.refusals ?? []),
        ...(update && !updatePlan ? ['the run did not succeed: nothing golden was written'] : []),
      ],
    };
    return { report, signal: executed.signal };
  } finally {
    lineage.close();
  }
}

type Since = Pick<CheckResult, 'lastHeld' | 'earlierRuns' | 'changes'>;
const UNNEEDED: Since = { lastHeld: null, earlierRuns: 0, changes: [] };

function toResult(check: Check, verdict: Verdict, settled: boolean, since: Since): CheckResult {
  const { position } = check.expectation;
  return {
    title: check.title,
    status: verdict.ok ? 'passed' : settled ? 'updated' : 'failed',
    steps: check.steps,
    file: position.file,
    line: position.line,
    column: position.column,
    expected: verdict.expected,
    got: verdict.got,
    details: verdict.details,
    ...since,
  };
}

function factsOfRun(plan: Plan, { objects, failures }: ExecutedPlan): FactsOf {
  const brokenBelow = (stepId: string): string | undefined =>
    plan.steps
      .find(({ id }) => id === stepId)
      ?.dependsOn.map((id) => (failures.has(id) ? id : brokenBelow(id)))
      .find((id) => id !== undefined);
  return (stepId) => {
    const object = objects.get(stepId);
    if (object) return object;
    const failure = failures.get(stepId);
    if (failure) return { missing: `the step failed (${failure.reason}): ${failure.message.split('\n')[0]}` };
    const cause = brokenBelow(stepId);
    return { missing: cause ? `the step was skipped: ${cause} failed` : 'the step was not executed' };
  };
}

interface HistoryRequest {
  readonly plan: Plan;
  readonly executed: ExecutedPlan;
  readonly lineage: Lineage;
  readonly golden: GoldenFiles;
}

/** What earlier runs say of a check that fails now. */
function createHistory({ plan, executed, lineage, golden }: HistoryRequest) {
  const runs: EarlierRun[] = lineage
    .listRuns({ pipeline: plan.name, limit: EARLIER_RUNS_MAX })
    .filter(({ id }) => id !== executed.runId)
    .map(({ id, startedAt }) => ({ runId: id, startedAt, factsOf: factsOfEarlier(lineage, id) }));
  const stepOf = new Map([...executed.objects].map(([id, { fingerprint }]) => [fingerprint, id]));
  const steps = new Map(plan.steps.map((step) => [step.id, step]));
  return {
    async since(check: Check): Promise<Since> {
      const held = await findLastHeld(check, runs, golden);
      if (!held) return { lastHeld: null, earlierRuns: runs.length, changes: [] };
      const changes = check.steps.flatMap((id) => {
        const [then, now] = [held.factsOf(id), executed.objects.get(id)];
        if ('missing' in then || !now) return [];
        return traceChanges({
          earlier: then.fingerprint,
          later: now.fingerprint,
          source: lineage,
          nameOf: (fingerprint) => stepOf.get(fingerprint) ?? null,
          positionsOf: (stepId) => steps.get(stepId)?.positions ?? {},
        });
      });
      const told = new Map(changes.map((change) => [JSON.stringify(change), change]));
      const lastHeld = { runId: held.runId, startedAt: held.startedAt };
      return { lastHeld, earlierRuns: runs.length, changes: [...told.values()] };
    },
  };
}

/** Read when first asked for: most runs never are. */
function factsOfEarlier(lineage: Lineage, runId: string): FactsOf {
  let steps: Map<string, ReturnType<Lineage['steps']>[number]> | null = null;
  return (stepId) => {
    steps ??= new Map(lineage.steps(runId).map((step) => [step.stepId, step]));
    const step = steps.get(stepId);
    const record = step?.fingerprint ? lineage.record(step.fingerprint) : null;
    if (!step?.fingerprint || !record) return { missing: 'that run has no such step' };
    const folder = lineage.objectFolder(step.fingerprint);
    return { fingerprint: step.fingerprint, metrics: step.metrics, folder, outputs: record.outputs };
  };
}

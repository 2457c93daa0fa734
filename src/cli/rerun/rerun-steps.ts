import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RerunReport, RerunResult } from '../../core/rerun-report.ts';
import { createSourceDigests } from '../../runner/assess-step.ts';
import { demandOf } from '../../runner/check-demands.ts';
import { inputBytes } from '../../runner/fingerprint.ts';
import { createLocalExecutor } from '../../runner/local-executor.ts';
import { createReadyQueue } from '../../runner/ready-queue.ts';
import { type Rerun, rerunStep } from '../../runner/rerun-step.ts';
import type { Found, StoredObject } from '../../runner/run-store.ts';
import type { Store } from '../../store/open-store.ts';
import { shareOut } from '../execute-plan.ts';
import { installFolder } from '../install-folder.ts';
import { listenForSignals } from '../signals.ts';
import { compareArtifacts } from './compare-artifacts.ts';
import { type ChosenSteps, choosePublishedSteps } from './published-steps.ts';

export interface RerunRequest {
  /** Opened to be read: nothing of it is touched. */
  readonly store: Store;
  /** Steps, runs, fingerprints or paths. */
  readonly what: readonly string[];
  /** Told after each step. */
  readonly progress?: (done: number, total: number) => void;
}

export interface Reran extends RerunReport {
  /** What interrupted it. */
  readonly signal: NodeJS.Signals | null;
}

/** Executes published steps again, each in a folder of its own, and compares what comes out with what is stored. */
export async function rerunSteps({ store, what, progress }: RerunRequest): Promise<Reran> {
  const chosen = await choosePublishedSteps(store.lineage, what);
  const total = chosen.reduce((sum, { stepIds }) => sum + stepIds.size, 0);
  const folder = mkdtempSync(join(tmpdir(), 'clade-rerun-'));
  const clear = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', clear); // a second Ctrl-C ends the process where it is
  const signals = listenForSignals(() => {});
  const results: RerunResult[] = [];
  try {
    for (const [at, steps] of chosen.entries()) {
      const place = join(folder, String(at));
      mkdirSync(place);
      const found = await rerunOfRun(steps, {
        store,
        folder: place,
        signal: signals.signal,
        done: (count) => progress?.(results.length + count, total),
      });
      results.push(...found);
    }
  } finally {
    signals.stop();
    clear();
    process.off('exit', clear);
  }
  return { status: statusOf(results, signals.signal), results, signal: signals.received() };
}

function statusOf(results: readonly RerunResult[], signal: AbortSignal): RerunReport['status'] {
  const any = (...wanted: RerunResult['status'][]) => results.some(({ status }) => wanted.includes(status));
  if (signal.aborted) return 'interrupted';
  if (any('differs', 'damaged')) return 'differs';
  return any('refused', 'failed') ? 'incomplete' : 'equal';
}

interface Place {
  readonly store: Store;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly done: (steps: number) => void;
}

/** Steps of one run, as many at a time as the machine allows. */
async function rerunOfRun({ of, stepIds }: ChosenSteps, place: Place): Promise<RerunResult[]> {
  const { run, plan, catalogue, engine, made } = of;
  const { store, signal } = place;
  const steps = plan.steps.filter(({ id }) => stepIds.has(id));
  const { capacity } = shareOut({ plan: { ...plan, steps }, catalogue, engine });
  const moduleFolder = installFolder();
  const workers = Math.min(capacity.cpu, steps.length);
  const executor = createLocalExecutor({ workerModule: join(moduleFolder, 'worker.js'), workers });
  const queue = createReadyQueue(capacity, workers);
  const options = { catalogue, moduleFolder, executor, emit: () => {}, signal, run: { id: run.id } };
  const sources = createSourceDigests(store);
  const looked = new Map<string, Found>(); // every byte of an object is read once
  const look = (stepId: string): Found => {
    const fingerprint = made.get(stepId);
    if (fingerprint === undefined) return { status: 'absent' };
    if (!looked.has(fingerprint)) looked.set(fingerprint, store.verifyObject(fingerprint));
    return looked.get(fingerprint)!;
  };
  const inputOf = (stepId: string): StoredObject | null => {
    const found = look(stepId);
    return found.status === 'sound' ? found.object : null;
  };
  let done = 0;
  try {
    const found = await Promise.all(steps.map((step, at) => rerunOne(step, String(at))));
    return found.flat();
  } finally {
    await executor.close();
  }

  async function rerunOne(step: (typeof steps)[number], name: string): Promise<RerunResult[]> {
    const about = { runId: run.id, stepId: step.id, fingerprint: made.get(step.id)! };
    const found = look(step.id);
    if (found.status !== 'sound') return [{ ...BLANK, ...about, ...unsound(found) }];
    const unusable = (): RerunResult[] | null => {
      const inputs = step.dependsOn.filter((id) => made.has(id) && look(id).status !== 'sound');
      const reasons = inputs.map((field) => {
        const from = made.get(field)!.slice(0, 8);
        return { code: 'input-changed' as const, field, from, to: look(field).status };
      });
      return reasons.length > 0 ? [{ ...BLANK, ...about, status: 'refused', reasons }] : null;
    };
    const before = unusable();
    if (before) return before;
    const entry = catalogue.stages[step.uses];
    const outputsOf = (id: string) => inputOf(id)?.outputs ?? null;
    const reads = step.policy.demand.memoryPerInput ? inputBytes({ step, entry, outputsOf }) : 0;
    const demand = demandOf(step, catalogue, engine, reads);
    const work = { step, stored: found.object.record, engine, store, options, sources, inputOf };
    const folder = join(place.folder, name);
    const results = await queue.add(
      async (grant) => {
        if (signal.aborted) return [];
        mkdirSync(folder);
        return compare(await rerunStep({ ...work, folder, grant }));
      },
      { demand, priority: 0 },
    );
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    place.done(++done);
    if (results.every(({ status }) => status === 'equal')) return results;
    for (const id of step.dependsOn) looked.delete(made.get(id) ?? '');
    return unusable() ?? results; // an input that changed meanwhile, by gc or by a hand, is no fault of the stage

    function compare(rerun: Rerun): RerunResult[] {
      if (signal.aborted) return [];
      if (rerun.status !== 'made') return [{ ...BLANK, ...about, ...rerun }];
      return rerun.remade.map((remade) => {
        const { name: stepId, fingerprint } = remade;
        const stored = fingerprint === about.fingerprint ? found : store.verifyObject(fingerprint);
        const mine = { ...BLANK, ...about, stepId, fingerprint };
        if (stored.status !== 'sound') return { ...mine, ...unsound(stored) };
        const differences = compareArtifacts(stored.object, remade);
        const files = stored.object.outputs.length;
        return { ...mine, files, differences, status: differences.length > 0 ? 'differs' : 'equal' };
      });
    }
  }
}

const BLANK = { files: 0, differences: [], reasons: [], failure: null } as const;

/** Of a stored artifact that is not as it was published. */
function unsound(
  found: Exclude<Found, { status: 'sound' }>,
): Partial<RerunResult> & Pick<RerunResult, 'status'> {
  if (found.status === 'damaged') return { status: 'damaged', differences: found.damaged };
  const code = found.removed ? 'output-removed' : 'output-missing';
  return { status: 'refused', reasons: [{ code, field: 'artifact.json' }] };
}

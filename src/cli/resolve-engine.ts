import { join, resolve } from 'node:path';
import type { Catalogue } from '../core/declaration.ts';
import type { Plan } from '../core/plan.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import { describeWorkload, type WorkloadRequest } from '../core/workload.ts';
import { chooseEngine, type MeasuredWorkload } from '../engine/auto/choose-engine.ts';
import { describeMachine } from '../engine/auto/machine.ts';
import { measureSpeed } from '../engine/auto/measure-speed.ts';
import { readSpeed, type Speed, speedsFolder, writeSpeed } from '../engine/auto/speed-store.ts';
import type { EngineProbe } from '../engine/engine-kind.ts';
import { probeEngines, resolveEngine } from '../engine/probe.ts';
import { findWorkloads } from '../plan/find-workloads.ts';
import { computesOnGpu } from '../runner/check-demands.ts';
import { findCapacity } from '../runner/machine-capacity.ts';
import { openStore } from '../store/open-store.ts';
import { installFolder } from './install-folder.ts';
import { UsageError } from './usage-error.ts';

/** Exact on every machine, and fast: what computes where nobody says otherwise (docs/engines.md). */
export const DEFAULT_ENGINE = 'wasm';

export interface EngineQuestion {
  /** `--engine` or CLADE_ENGINE; the pipeline's own `engine` where absent. */
  readonly asked: string | undefined;
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly artifacts: string;
  readonly cpus?: number;
  readonly gpus?: number;
  readonly jobs?: number;
  /** Told of engines that are measured now; without it none is. */
  readonly measuring?: (line: string) => void;
}

export interface EngineDecision {
  readonly engine: EngineIdentity;
  /** Why it was taken, where nobody named it. */
  readonly why: string | null;
}

/**
 * The engine of a run, decided before anything is fingerprinted: the one asked for, else the pipeline's,
 * else wasm. For `auto`: the one that this pipeline's artifacts were made by; where there are none, by
 * the measured speeds of those that are here.
 *
 * @throws UsageError where it cannot run here
 */
export async function decideEngine(question: EngineQuestion): Promise<EngineDecision> {
  const { plan } = question;
  const asked = question.asked || (plan.engine ?? DEFAULT_ENGINE); // an empty CLADE_ENGINE says nothing
  const probes = probeEngines();
  if (asked !== 'auto') {
    const resolved = resolveEngine(asked, probes);
    if (!('reason' in resolved)) return { engine: resolved, why: null };
    const from = !question.asked && plan.engine ? ` (${plan.file} says engine: ${asked})` : '';
    throw new UsageError(`${resolved.message}${from}`);
  }
  const here = probes.filter(({ available }) => available);
  const earlier = findEarlierEngine(question);
  const kept = here.find(({ name }) => name === earlier);
  if (kept) {
    const why = `this pipeline's artifacts are of it; --engine NAME takes another`;
    return { engine: kept.identity!, why };
  }
  const decision = await decideBySpeed(question, here, probes);
  if (!earlier) return decision;
  const lost = probes.find(({ name }) => name === earlier);
  const aside = `this pipeline's artifacts are of ${earlier}, which cannot run here: ${lost?.why ?? 'clade knows it no more'}`;
  return { ...decision, why: `${decision.why}; ${aside}` };
}

/** Name of the engine that the newest artifact of the plan's training steps was made by. */
function findEarlierEngine({ plan, catalogue, artifacts }: EngineQuestion): string | null {
  const store = openStore({ folder: artifacts, readOnly: true });
  try {
    let newest: { runId: string; engine: string } | null = null;
    for (const step of plan.steps) {
      if (!catalogue.stages[step.uses].declaration.engine) continue;
      const found = store.nearestExecution({ pipeline: plan.name, stage: step.uses, stepId: step.id });
      const engine = found?.fields.engine?.name;
      // Ids of runs begin with their time.
      if (found && engine && (newest === null || found.runId > newest.runId))
        newest = { runId: found.runId, engine };
    }
    return newest?.engine ?? null;
  } finally {
    store.close();
  }
}

async function decideBySpeed(
  question: EngineQuestion,
  here: readonly EngineProbe[],
  all: readonly EngineProbe[],
): Promise<EngineDecision> {
  if (here.length === 0) {
    const reasons = all.map(({ name, why, cure }) => `  ${name}: ${why} ${cure}`);
    throw new UsageError(['no engine can run here', ...reasons].join('\n'));
  }
  if (here.length === 1) return { engine: here[0].identity!, why: 'the only one that can run here' };
  const exactOrFirst = here.find(({ exact }) => exact) ?? here[0];
  const workloads = findWorkloads(question.plan, question.catalogue);
  if (workloads.length === 0)
    return { engine: exactOrFirst.identity!, why: 'exact, and no step of this pipeline says what it trains' };
  const speeds = await findSpeeds(question, here, workloads);
  if (speeds === null)
    return { engine: exactOrFirst.identity!, why: 'exact; the first run will measure what is here' };
  const choice = chooseEngine(
    here.map(({ identity, exact }, at) => ({
      engine: identity!,
      exact: exact === true,
      slots: slotsOf(identity!, question),
      speeds: speeds[at],
    })),
    workloads,
  );
  if ('problems' in choice) throw new UsageError(['no engine works here', ...choice.problems].join('\n  '));
  return choice;
}

/** How many steps train at a time. */
function slotsOf(engine: EngineIdentity, { cpus, gpus, jobs }: EngineQuestion): number {
  const onGpu = computesOnGpu(engine);
  const capacity = findCapacity({ cpus, gpus, engineOnGpu: onGpu });
  return Math.min(jobs ?? Number.POSITIVE_INFINITY, onGpu ? capacity.gpus.length : capacity.cpu);
}

/** Of each engine, for each workload; null where some are not known and may not be measured now. */
async function findSpeeds(
  { catalogue, measuring }: EngineQuestion,
  engines: readonly EngineProbe[],
  workloads: readonly MeasuredWorkload[],
): Promise<Speed[][] | null> {
  const machine = describeMachine();
  const folder = speedsFolder();
  const modules = installFolder();
  const result: Speed[][] = [];
  for (const { name, identity } of engines) {
    const speeds: Speed[] = [];
    for (const { workload } of workloads) {
      const key = { machine, engine: identity!, workload };
      let speed = readSpeed(folder, key, Date.now());
      if (!speed) {
        if (!measuring) return null;
        measuring(`measuring ${name} on ${describeWorkload(workload)}, once for this machine`);
        speed = await measure(identity!, workload);
        writeSpeed(folder, { format: 1, ...key, speed, measuredAt: new Date().toISOString() });
      }
      speeds.push(speed);
    }
    result.push(speeds);
  }
  return result;

  function measure(engine: EngineIdentity, workload: WorkloadRequest): Promise<Speed> {
    const module = resolve(modules, catalogue.stages[workload.stage].module);
    return measureSpeed({ engine, workload, module }, { workerModule: join(modules, 'worker.js') });
  }
}

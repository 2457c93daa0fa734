// From measured speeds to one engine and why, as a pure function.
import type { EngineIdentity } from '../../core/trainable.ts';
import { describeWorkload, type WorkloadRequest } from '../../core/workload.ts';
import type { Speed } from './speed-store.ts';

export interface MeasuredWorkload {
  readonly workload: WorkloadRequest;
  /** How many steps of the run have it. */
  readonly steps: number;
}

export interface Candidate {
  readonly engine: EngineIdentity;
  readonly exact: boolean;
  /** How many steps it trains at a time on this machine: cores, or one GPU. */
  readonly slots: number;
  /** For each workload, in their order. */
  readonly speeds: readonly Speed[];
}

export interface Choice {
  readonly engine: EngineIdentity;
  /** One line, beginning with what decided. */
  readonly why: string;
}

/** Results that are the same everywhere are worth this much: another engine is taken from here on. */
export const WORTH_OF_EXACTNESS = 2;

/** Engines that compute the same thing agree far better than this after a few steps (1e-6 is usual). */
const ERROR_TOLERANCE = 1e-3;

/**
 * The engine that trains the run's steps in the least time, where that is at least twice as fast as the
 * exact one; else the exact one. An engine that fails at one of the workloads, or computes something
 * else than the exact engine, does not count. Null where none works.
 */
export function chooseEngine(
  candidates: readonly Candidate[],
  workloads: readonly MeasuredWorkload[],
): Choice | { readonly problems: readonly string[] } {
  const judged = candidates.map((candidate) => judge(candidate, candidates, workloads));
  const working = judged.filter((candidate) => candidate.totalMs !== null).sort(byTotal);
  const problems = judged.flatMap(({ engine, problem }) => (problem ? [`${engine.name} ${problem}`] : []));
  const [fastest] = working;
  if (!fastest) return { problems };
  const exact = working.find((candidate) => candidate.exact);
  const taken = exact && exact.totalMs! < WORTH_OF_EXACTNESS * fastest.totalMs! ? exact : fastest;
  const aside = problems.length > 0 ? `; ${problems.join('; ')}` : '';
  const why = explain({ taken, fastest, exact, working, workloads });
  return { engine: taken.engine, why: `${why}${aside}` };
}

interface Judged extends Candidate {
  /** To train all steps of the run once, one after the other in each slot; null where it does not work. */
  readonly totalMs: number | null;
  readonly problem: string | null;
}

function judge(
  candidate: Candidate,
  all: readonly Candidate[],
  workloads: readonly MeasuredWorkload[],
): Judged {
  const problem = findProblem(
    candidate,
    all.find(({ exact }) => exact),
    workloads,
  );
  if (problem !== null) return { ...candidate, totalMs: null, problem };
  const steps = workloads.reduce((sum, workload) => sum + workload.steps, 0);
  const slots = Math.max(1, Math.min(candidate.slots, steps));
  const serialMs = workloads.reduce((sum, workload, at) => {
    const speed = candidate.speeds[at];
    return sum + (speed.status === 'works' ? speed.stepMs * workload.steps : 0);
  }, 0);
  return { ...candidate, slots, totalMs: serialMs / slots, problem };
}

function findProblem(
  candidate: Candidate,
  exact: Candidate | undefined,
  workloads: readonly MeasuredWorkload[],
): string | null {
  for (const [at, speed] of candidate.speeds.entries()) {
    const where = workloads.length > 1 ? ` (${describeWorkload(workloads[at].workload)})` : '';
    if (speed.status === 'fails') return `does not work here${where}: ${speed.why}`;
    const right = exact?.speeds[at];
    if (right?.status !== 'works') continue;
    if (!(Math.abs(speed.error - right.error) <= ERROR_TOLERANCE * Math.abs(right.error)))
      return `computes something else here${where}: its error is ${speed.error}, ${exact!.engine.name}'s ${right.error}`;
  }
  return null;
}

function byTotal(a: Judged, b: Judged): number {
  return a.totalMs! - b.totalMs! || Number(b.exact) - Number(a.exact);
}

function explain({
  taken,
  fastest,
  exact,
  working,
  workloads,
}: {
  taken: Judged;
  fastest: Judged;
  exact: Judged | undefined;
  working: readonly Judged[];
  workloads: readonly MeasuredWorkload[];
}): string {
  const what = workloads.map(({ workload }) => describeWorkload(workload)).join('; ');
  const figures = working.map((candidate) => `${candidate.engine.name} ${stepTimes(candidate)}`).join(', ');
  const measured = `a step of ${what}: ${figures}`;
  if (working.length === 1) return `the only one that works here (${measured})`;
  if (taken === fastest && taken === exact) return `exact, and the fastest here (${measured})`;
  if (taken === exact) {
    const times = (exact.totalMs! / fastest.totalMs!).toFixed(1);
    return `exact; ${fastest.engine.name} is ${times} times as fast here, and is taken from ${WORTH_OF_EXACTNESS} times on (${measured})`;
  }
  if (!exact) return `the fastest here (${measured})`;
  const times = (exact.totalMs! / taken.totalMs!).toFixed(1);
  return `${times} times as fast as ${exact.engine.name} here (${measured})`;
}

/** `3.5 ms` or, of several workloads, `3.5 and 12 ms`; `, 8 at a time` where steps are trained side by side. */
function stepTimes({ speeds, slots }: Judged): string {
  const times = speeds.map((speed) => (speed.status === 'works' ? formatMs(speed.stepMs) : ''));
  return `${times.join(' and ')} ms${slots > 1 ? `, ${slots} at a time` : ''}`;
}

function formatMs(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms.toPrecision(2);
}

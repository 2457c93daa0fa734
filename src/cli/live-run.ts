import { readRunEvents } from '../store/read-logs.ts';
import type { RunRow } from '../store/read-runs.ts';
import { EMPTY_RUN, type RunState, reduceRun } from '../views/run-state.ts';

/**
 * A run that is on, with what its events tell: they are ahead of the index, and know how many steps were planned.
 * Every command that tells of it counts by them.
 */
export function withLiveState(artifacts: string, run: RunRow): { run: RunRow; live: RunState | null } {
  if (run.status !== 'running') return { run, live: null };
  const live = readRunEvents(artifacts, run.id).reduce(reduceRun, EMPTY_RUN);
  return { run: { ...run, counts: live.counts }, live };
}

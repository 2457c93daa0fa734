import type { Step } from '../core/plan.ts';

/**
 * How long the chain of steps is that waits for each step, itself included, in milliseconds: what holds
 * up most goes first. A step costs what its stage took lately (the median); a stage that never ran costs
 * as much as the middle one of those that did, so that without any history chains are counted in steps.
 *
 * @param steps inputs before what needs them.
 * @param durationsMs what a stage's newest executions took; empty where it was never executed.
 */
export function rankByCriticalPath(
  steps: readonly Step[],
  durationsMs: (stage: string) => readonly number[],
): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  for (const stage of new Set(steps.map(({ uses }) => uses))) {
    const median = medianOf(durationsMs(stage));
    if (median !== null) known.set(stage, Math.max(1, median));
  }
  const usual = medianOf([...known.values()]) ?? 1;
  const waiting = new Map<string, number>(); // the longest chain behind a step, without it
  const ranks = new Map<string, number>();
  for (let at = steps.length - 1; at >= 0; at--) {
    const { id, uses, dependsOn } = steps[at];
    const rank = (waiting.get(id) ?? 0) + (known.get(uses) ?? usual);
    ranks.set(id, rank);
    for (const input of dependsOn) waiting.set(input, Math.max(waiting.get(input) ?? 0, rank));
  }
  return ranks;
}

function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

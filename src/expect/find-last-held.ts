import type { Check, FactsOf } from './check.ts';
import { judge } from './judge.ts';
import type { GoldenFiles } from './judge-file.ts';

/** An earlier run of the same pipeline. */
export interface EarlierRun {
  readonly runId: string;
  readonly startedAt: string;
  readonly factsOf: FactsOf;
}

/**
 * The newest earlier run in which the check, as it is written now, held. Runs that stand on the same
 * objects are judged once.
 * @param runs newest first.
 */
export async function findLastHeld(
  check: Check,
  runs: Iterable<EarlierRun>,
  golden: GoldenFiles,
): Promise<EarlierRun | null> {
  const failed = new Set<string>();
  for (const run of runs) {
    const facts = check.steps.map(run.factsOf);
    if (facts.length === 0 || facts.some((one) => 'missing' in one)) continue;
    const objects = facts.map((one) => ('missing' in one ? '' : one.fingerprint)).join(' ');
    if (failed.has(objects)) continue;
    if ((await judge(check, { factsOf: run.factsOf, golden })).ok) return run;
    failed.add(objects);
  }
  return null;
}

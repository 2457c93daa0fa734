import type { Check, FactsOf, Verdict } from './check.ts';
import { type GoldenFiles, judgeFile } from './judge-file.ts';
import { judgeMetric, judgeStatistic } from './judge-metric.ts';

export interface JudgeContext {
  readonly factsOf: FactsOf;
  readonly golden: GoldenFiles;
}

/** Does it hold? What is missing never does. */
export async function judge(check: Check, { factsOf, golden }: JudgeContext): Promise<Verdict> {
  const { expectation, steps } = check;
  if (steps.length === 0)
    return { ok: false, expected: 'a point', got: 'no point of the sweep has these values', details: [] };
  switch (expectation.kind) {
    case 'metric':
      return judgeMetric(check, expectation, factsOf);
    case 'statistic':
      return judgeStatistic(check, expectation, factsOf);
    case 'file':
      return judgeFile({ stepId: steps[0], expectation, factsOf, golden });
  }
}

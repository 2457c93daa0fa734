import type { MetricExpectation, StatisticExpectation } from '../core/expectation.ts';
import { type Spread, spreadOfValues } from '../core/spread.ts';
import { boundsText, holds, missText } from './bounds.ts';
import type { Check, FactsOf, Verdict } from './check.ts';

/** A metric of one step against its bounds. */
export function judgeMetric(check: Check, expectation: MetricExpectation, factsOf: FactsOf): Verdict {
  const { metric, bounds } = expectation;
  const expected = boundsText(bounds);
  const found = measuredValue(check.steps[0], metric, factsOf);
  if (typeof found === 'string') return { ok: false, expected, got: found, details: [] };
  const ok = holds(found, bounds);
  return { ok, expected, got: ok ? String(found) : missText(found, bounds), details: [], measured: found };
}

/** A statistic of a metric over several steps against its bounds. */
export function judgeStatistic(check: Check, expectation: StatisticExpectation, factsOf: FactsOf): Verdict {
  const { metric, bounds, statistic } = expectation;
  const expected = `${statistic === 'each' ? 'each value' : statistic} ${boundsText(bounds)}`;
  const found = check.steps.map((id) => ({ id, value: measuredValue(id, metric, factsOf) }));
  const missing = found.filter(({ value }) => typeof value === 'string');
  if (missing.length > 0) {
    const details = missing.map(({ id, value }) => `${id}: ${value}`);
    return { ok: false, expected, got: `${missing.length} of ${found.length} values are missing`, details };
  }
  const values = found.map(({ value }) => value as number);
  const details = found.map(({ id, value }) => `${id}: ${value}`);
  const spread = spreadOfValues(values)!;
  if (statistic === 'each') {
    const outside = found.filter(({ value }) => !holds(value as number, bounds));
    const got =
      outside.length === 0 ? `all ${values.length}` : `${outside.length} of ${values.length} outside`;
    return { ok: outside.length === 0, expected, got, details };
  }
  const value = statisticOf(statistic, values, spread);
  if (value === null) {
    const got = `one value (${values[0]}), which has no standard deviation`;
    return { ok: false, expected, got, details };
  }
  const ok = holds(value, bounds);
  const spreadText = statistic === 'mean' && spread.sd !== null ? ` ± ${rounded(spread.sd)}` : '';
  return {
    ok,
    expected,
    got: `${missText(value, bounds)}${spreadText}, n = ${values.length}`,
    details,
    measured: value,
    ...(spread.sd === null ? {} : { measuredSd: spread.sd }),
  };
}

function statisticOf(
  statistic: Exclude<StatisticExpectation['statistic'], 'each'>,
  values: readonly number[],
  { mean, sd }: Spread,
): number | null {
  if (statistic === 'mean') return mean;
  if (statistic === 'sd') return sd;
  return statistic === 'minimum' ? Math.min(...values) : Math.max(...values);
}

/** The value, or why there is none. */
function measuredValue(stepId: string, metric: string, factsOf: FactsOf): number | string {
  const facts = factsOf(stepId);
  if ('missing' in facts) return facts.missing;
  const names = facts.metrics.map(({ split, name }) => (split ? `${split}.${name}` : name));
  const at = names.indexOf(metric);
  if (at >= 0) return facts.metrics[at].value;
  return names.length === 0
    ? `no metric '${metric}': the step measured nothing`
    : `no metric '${metric}': the step measured ${names.join(', ')}`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}

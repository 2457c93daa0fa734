import type { Expectation, FileExpectation, StatisticExpectation } from '../core/expectation.ts';
import { canonicalJson, type Json, type JsonObject } from '../core/json.ts';
import type { Plan, Point } from '../core/plan.ts';
import type { Check } from './check.ts';

/**
 * What is to be looked at: a metric or file at each step that stands for it at some point, shared steps
 * once; a statistic for each group of points that differ in its axes alone. An expectation that meets no
 * point gives a check without steps, which fails.
 */
export function listChecks(plan: Plan, expectations: readonly Expectation[]): Check[] {
  return expectations.flatMap((expectation): Check[] => {
    const points = plan.points.flatMap((point, index) =>
      matches(point, expectation.where) ? [{ point, index }] : [],
    );
    const idOf = (index: number) => plan.stepsOfPoint[index][expectation.step];
    if (points.length === 0) {
      const title = `${expectation.step} ${subject(expectation)} where ${pointText(expectation.where ?? {})}`;
      return [{ expectation, title, steps: [] }];
    }
    if (expectation.kind === 'statistic') return groupChecks(plan, expectation, points, idOf);
    const ids = [...new Set(points.map(({ index }) => idOf(index)))];
    return ids.map((id) => ({ expectation, title: `${id} ${subject(expectation)}`, steps: [id] }));
  });
}

interface PlacedPoint {
  readonly point: Point;
  readonly index: number;
}

function groupChecks(
  plan: Plan,
  expectation: StatisticExpectation,
  points: readonly PlacedPoint[],
  idOf: (index: number) => string,
): Check[] {
  const { step, metric, statistic, over } = expectation;
  const axes = plan.axes.filter((axis) => !over.includes(axis));
  const groups = new Map<string, { readonly rest: JsonObject; readonly steps: Set<string> }>();
  for (const { point, index } of points) {
    const rest = Object.fromEntries(axes.map((axis) => [axis, point[axis]]));
    const key = canonicalJson(rest);
    const group = groups.get(key) ?? { rest, steps: new Set() };
    groups.set(key, group.steps.add(idOf(index)) && group);
  }
  const told = new Map<string, Check>();
  for (const { rest, steps } of groups.values()) {
    const ids = [...steps];
    const shared = ids.join('\n'); // groups that differ in what the step does not depend on
    if (told.has(shared)) continue;
    const own = plan.steps.find(({ id }) => id === ids[0])?.point ?? {};
    const at = Object.fromEntries(Object.entries(rest).filter(([axis]) => axis in own));
    const place = Object.keys(at).length > 0 ? ` at ${pointText(at)}` : '';
    const title = `${statistic === 'each' ? 'each' : `${statistic} of`} ${step}.${metric} over ${over.join(', ')}${place}`;
    told.set(shared, { expectation, title, steps: ids });
  }
  return [...told.values()];
}

function subject(expectation: Expectation): string {
  if (expectation.kind !== 'file') return expectation.metric;
  return `${expectation.file} ${requirementText(expectation)}`;
}

function requirementText({ requirement }: FileExpectation): string {
  if (requirement.is === 'column') return `column ${requirement.column}`;
  if ('tensor' in requirement && requirement.tensor !== null)
    return `${requirement.is} of ${requirement.tensor}`;
  return requirement.is;
}

function matches(point: Point, where: JsonObject | null): boolean {
  return Object.entries(where ?? {}).every(
    ([axis, value]) => axis in point && canonicalJson(point[axis]) === canonicalJson(value),
  );
}

function pointText(point: JsonObject): string {
  const text = (value: Json) => (typeof value === 'string' ? value : canonicalJson(value));
  return Object.entries(point)
    .map(([axis, value]) => `${axis}=${text(value)}`)
    .join(',');
}

import type { Bounds, Expectation } from '../core/expectation.ts';
import { holds } from './bounds.ts';
import type { Check, Verdict } from './check.ts';

/** A golden value to be written into the pipeline file. */
export interface ValueUpdate {
  readonly path: readonly (string | number)[];
  readonly from: string;
  readonly value: number | string;
}

export interface UpdatePlan {
  readonly values: readonly ValueUpdate[];
  /** Absolute paths: golden file → what is copied there. */
  readonly files: ReadonlyMap<string, string>;
  /** The checks that hold after the update. */
  readonly settled: ReadonlySet<Check>;
  /** Why what failed has no golden value to write. */
  readonly refusals: readonly string[];
}

export interface Judged {
  readonly check: Check;
  readonly verdict: Verdict;
}

/**
 * What makes the golden values of failed checks those that were found. Bounds are no golden values, and
 * a value that several points share is moved only where one value holds for all of them.
 */
export function planUpdate(judged: readonly Judged[]): UpdatePlan {
  const plan = {
    values: [] as ValueUpdate[],
    files: new Map<string, string>(),
    settled: new Set<Check>(),
    refusals: [] as string[],
  };
  const byPlace = new Map<string, Judged[]>();
  for (const one of judged) {
    const place = JSON.stringify(one.check.expectation.path);
    byPlace.set(place, [...(byPlace.get(place) ?? []), one]);
  }
  for (const sharing of byPlace.values()) {
    const failed = sharing.filter(({ verdict }) => !verdict.ok);
    if (failed.length === 0) continue;
    const settled = failed.some(({ verdict }) => verdict.outdated)
      ? updateFiles(sharing, failed, plan)
      : updateValue(sharing, plan);
    if (typeof settled === 'string') plan.refusals.push(`${failed[0].check.title}: ${settled}`);
    else for (const { check } of failed) plan.settled.add(check);
  }
  return plan;
}

type OpenPlan = { values: ValueUpdate[]; files: Map<string, string> };

/** @returns why not. */
function updateFiles(
  sharing: readonly Judged[],
  failed: readonly Judged[],
  plan: OpenPlan,
): string | undefined {
  const pairs = failed.flatMap(({ verdict }) => verdict.outdated ?? []);
  const places = new Set(pairs.map(({ golden }) => golden));
  if (places.size < pairs.length || (sharing.length > failed.length && places.size < sharing.length))
    return 'several steps share this golden file: give each its own by `golden: true`';
  for (const { golden, from } of pairs) plan.files.set(golden, from);
  return undefined;
}

/** @returns why not. */
function updateValue(sharing: readonly Judged[], plan: OpenPlan): string | undefined {
  const { expectation } = sharing[0].check;
  const measured = sharing.map(({ verdict }) => verdict.measured);
  if (measured.some((value) => value === undefined)) return 'there is no one value to write';
  const path = expectation.path;
  if (expectation.kind === 'file') {
    if (expectation.requirement.is === 'digest') {
      const from = expectation.requirement.digest ?? '(none)';
      if (new Set(measured).size > 1) return 'the steps that share this digest made different files';
      plan.values.push({ path, from, value: measured[0] as string });
      return undefined;
    }
  }
  const bounds = boundsOf(expectation);
  if (bounds?.of === undefined) return 'bounds are yours to change: there is no golden value to write';
  const numbers = measured as number[];
  const middle = (Math.min(...numbers) + Math.max(...numbers)) / 2;
  const sds = sharing.map(({ verdict }) => verdict.measuredSd);
  const sd = expectation.kind === 'statistic' && bounds.withinSd !== undefined ? sds[0] : undefined;
  const of = shortened(middle, tolerance(bounds, sd));
  const after = { ...bounds, of, ...(sd === undefined ? {} : { sd: shortened(sd, sd) }) };
  if (!numbers.every((value) => holds(value, after))) {
    return numbers.length > 1
      ? `its ${numbers.length} points differ by more than the tolerance: give them expectations of their own by 'where'`
      : 'the other bounds do not allow what was found';
  }
  const text = (value: number | null | undefined) => (typeof value === 'number' ? String(value) : '(none)');
  if (bounds.of !== of) plan.values.push({ path: [...path, 'of'], from: text(bounds.of), value: of });
  if (after.sd !== bounds.sd)
    plan.values.push({ path: [...path, 'sd'], from: text(bounds.sd), value: after.sd as number });
  return undefined;
}

/** The bounds that may hold a golden value. */
function boundsOf(expectation: Expectation): Bounds | null {
  if (expectation.kind !== 'file') return expectation.bounds;
  return expectation.requirement.is === 'rows' ? expectation.requirement.bounds : null;
}

/** How far from the golden value a number may be. */
function tolerance({ within, withinSd, sd }: Bounds, measuredSd: number | undefined): number {
  const spread = withinSd === undefined ? undefined : withinSd * (measuredSd ?? sd ?? 0);
  return Math.min(within ?? Number.POSITIVE_INFINITY, spread ?? Number.POSITIVE_INFINITY);
}

/** As few digits as stay within a hundredth of the tolerance; all where there is none. */
function shortened(value: number, tolerance: number): number {
  if (tolerance > 0 && Number.isFinite(tolerance)) {
    for (let digits = 2; digits < 17; digits++) {
      const short = Number(value.toPrecision(digits));
      if (Math.abs(short - value) <= tolerance / 100) return short;
    }
  }
  return value;
}

import { canonicalJson, type Json, type JsonObject } from '../core/json.ts';
import type { Distribution, SweepSpec } from '../core/pipeline.ts';
import { nearest, suggest } from '../core/suggest.ts';
import { axesBehind, combinedAxes, listedValues } from './axes.ts';
import { showValue } from './describe-schema.ts';
import type { PipelineDraft } from './draft.ts';
import { own } from './own.ts';
import type { Problem, ValuePath } from './problem.ts';
import { RANDOM_SETTINGS } from './read-sweep.ts';
import { holdsReference } from './references.ts';

/** More are a mistake in the file, and would fill the memory before anybody saw it. */
export const POINT_LIMIT = 100_000;

/**
 * Axes that are no parameters, change nothing, or list a value twice; points that name other axes.
 * @param randomSteps keys of the steps whose stage draws random numbers.
 */
export function checkSweep(draft: PipelineDraft, randomSteps: readonly string[]): Problem[] {
  const { sweep, params } = draft;
  if (!sweep) return [];
  const problems: Problem[] = [];
  const known = [...Object.keys(params), 'seed'];
  const checkAxis = (axis: string, path: ValuePath): boolean => {
    if (known.includes(axis)) return true;
    const near = nearest(axis, known);
    problems.push({
      path,
      at: 'key',
      code: 'unknown-axis',
      message: `the axis '${axis}' is not a parameter of the pipeline`,
      hint:
        near !== null ? `did you mean '${near}'?` : `write '${axis}' with a value of its own below 'params'`,
    });
    return false;
  };
  const lists = [
    ...Object.entries(sweep.grid).map(([axis, values]) => ({ axis, values, section: 'grid' })),
    ...Object.entries(sweep.zip).map(([axis, values]) => ({ axis, values, section: 'zip' })),
  ];
  const listed = new Map<string, string>();
  const checkTwice = (axis: string, section: string) => {
    const other = listed.get(axis);
    listed.set(axis, section);
    if (other === undefined) return;
    const message = `the axis '${axis}' is in '${section}' and in '${other}': an axis has one place`;
    problems.push({ path: ['sweep', section, axis], at: 'key', code: 'repeated-axis', message });
  };
  for (const { axis, values, section } of lists) {
    const path = ['sweep', section, axis];
    checkTwice(axis, section);
    if (checkAxis(axis, path)) problems.push(...checkUse(axis, path, draft, randomSteps));
    // Side by side a value may well come twice.
    if (section === 'grid') problems.push(...findTwice(axis, values, path));
    if (axis === 'seed')
      problems.push(...values.flatMap((value, index) => checkSeed(value, [...path, index])));
  }
  problems.push(...checkLengths(sweep));
  for (const [axis, distribution] of Object.entries(sweep.random?.axes ?? {})) {
    const path = ['sweep', 'random', axis];
    checkTwice(axis, 'random');
    if (checkAxis(axis, path)) problems.push(...checkUse(axis, path, draft, randomSteps));
    problems.push(...checkDistribution(distribution, path));
  }
  const combined = combinedAxes(sweep);
  for (const [index, point] of sweep.include.entries()) {
    for (const [axis, value] of Object.entries(point)) {
      const path = ['sweep', 'include', index, axis];
      const firstToName =
        !combined.includes(axis) && !sweep.include.slice(0, index).some((other) => axis in other);
      if (checkAxis(axis, path) && firstToName) problems.push(...checkUse(axis, path, draft, randomSteps));
      if (axis === 'seed') problems.push(...checkSeed(value, path));
    }
  }
  for (const [index, point] of sweep.exclude.entries()) {
    for (const axis of Object.keys(point)) {
      if (combined.includes(axis)) continue;
      const message = `'exclude' names '${axis}', which is no axis whose values are combined`;
      const path = ['sweep', 'exclude', index, axis];
      problems.push({
        path,
        at: 'key',
        code: 'unknown-axis',
        message,
        hint: suggest(axis, combined, 'its axes are'),
      });
    }
  }
  const count = countPoints(sweep);
  if (count > POINT_LIMIT) {
    const section = Object.keys(sweep.grid).length > 0 ? 'grid' : sweep.random ? 'random' : 'zip';
    const what =
      section === 'grid' && !sweep.random && Object.keys(sweep.zip).length === 0 ? 'grid' : 'sweep';
    const message = `the ${what} has ${count} points, and a sweep at most ${POINT_LIMIT}`;
    problems.push({ path: ['sweep', section], at: 'key', code: 'too-many-points', message });
  }
  return problems;
}

/** All combinations, those to be left out included. */
function countPoints({ grid, zip, random }: SweepSpec): number {
  const [zipped] = Object.values(zip);
  const lengths = [...Object.values(grid).map(({ length }) => length), zipped?.length ?? 1];
  return lengths.reduce((product, length) => product * length, random?.points ?? 1);
}

function checkLengths({ zip }: SweepSpec): Problem[] {
  const [[first, { length }], ...others] = [...Object.entries(zip), ['', []] as const];
  return others.flatMap(([axis, values]): Problem[] => {
    if (axis === '' || values.length === length) return [];
    const message = `'zip' puts lists side by side, and '${axis}' has ${values.length} values where '${first}' has ${length}`;
    return [{ path: ['sweep', 'zip', axis], at: 'key', code: 'unequal-lengths', message }];
  });
}

function checkDistribution(distribution: Distribution, path: ValuePath): Problem[] {
  const place = { path: [...path, distribution.kind], at: 'value' } as const;
  if (distribution.kind === 'choice') return findTwice(String(path.at(-1)), distribution.values, place.path);
  const { kind, from, to } = distribution;
  if (from >= to) {
    const message = `${kind} draws between the first number and the second, and ${from} is not below ${to}`;
    return [{ ...place, code: 'bad-range', message }];
  }
  if (kind === 'logUniform' && from <= 0)
    return [{ ...place, code: 'bad-range', message: `logUniform needs numbers above 0, not ${from}` }];
  return [];
}

/**
 * Of what is drawn, the form: an axis needs one way to draw it, and there must be an axis. Looks at the
 * values as written: a draft holds only what is right.
 */
export function checkRandom(sweep: JsonObject): Problem[] {
  const random = own(sweep, 'random');
  if (typeof random !== 'object' || random === null || Array.isArray(random)) return [];
  const path = ['sweep', 'random'];
  const axes = Object.entries(random as JsonObject).filter(([axis]) => !RANDOM_SETTINGS.includes(axis));
  if (axes.length === 0) {
    const message = "'sweep.random' names no axis to draw";
    const hint = 'such as gamma: { logUniform: [0.001, 1] }';
    return [{ path, at: 'key', code: 'empty', message, hint }];
  }
  return axes.flatMap(([axis, written]): Problem[] => {
    if (typeof written !== 'object' || written === null || Object.keys(written).length < 2) return [];
    const ways = Object.keys(written).join(' and ');
    const message = `the axis '${axis}' is drawn in one way, not by ${ways}`;
    return [{ path: [...path, axis], at: 'key', code: 'bad-value', message }];
  });
}

function checkUse(
  axis: string,
  path: ValuePath,
  draft: PipelineDraft,
  randomSteps: readonly string[],
): Problem[] {
  const only = new Set([axis]);
  const values: Json[] = Object.values(draft.stages).map((stage) => stage.with);
  if (draft.sweep) values.push(...listedValues(draft.sweep).map(({ value }) => value));
  const used = values.some((value) => axesBehind(value, draft.params, only).size > 0);
  if (used || (axis === 'seed' && randomSteps.length > 0)) return [];
  const message =
    axis === 'seed'
      ? "the axis 'seed' changes nothing: no stage here draws random numbers"
      : `the axis '${axis}' changes nothing: no stage refers to it`;
  const hint = axis === 'seed' ? undefined : `a stage refers to it by \${{ params.${axis} }}`;
  return [{ path, at: 'key', code: 'unused-axis', message, hint }];
}

function findTwice(axis: string, values: readonly Json[], path: ValuePath): Problem[] {
  const seen = new Set<string>();
  return values.flatMap((value, index): Problem[] => {
    const text = canonicalJson(value);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    const message = `the axis '${axis}' lists ${showValue(value)} twice: it counts once`;
    return [{ path: [...path, index], at: 'value', code: 'repeated-value', message, severity: 'warning' }];
  });
}

/** A seed is what the pipeline's own `seed` may be. */
export function isSeed(value: Json): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function checkSeed(value: Json, path: ValuePath): Problem[] {
  if (isSeed(value) || holdsReference(value)) return [];
  const message = `a seed must be a whole number of at least 0, not ${showValue(value)}`;
  return [{ path, at: 'value', code: 'bad-value', message }];
}

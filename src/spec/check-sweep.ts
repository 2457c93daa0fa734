import { canonicalJson, type Json } from '../core/json.ts';
import { axesBehind } from './axes.ts';
import { showValue } from './describe-schema.ts';
import type { PipelineDraft } from './draft.ts';
import type { Problem, ValuePath } from './problem.ts';
import { holdsReference } from './references.ts';
import { nearest, suggest } from './suggest.ts';

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
  for (const [axis, values] of Object.entries(sweep.grid)) {
    const path = ['sweep', 'grid', axis];
    if (checkAxis(axis, path)) problems.push(...checkUse(axis, path, draft, randomSteps));
    problems.push(...findTwice(axis, values, path));
    if (axis === 'seed')
      problems.push(...values.flatMap((value, index) => checkSeed(value, [...path, index])));
  }
  for (const [index, point] of sweep.include.entries()) {
    for (const [axis, value] of Object.entries(point)) {
      const path = ['sweep', 'include', index, axis];
      const firstToName =
        !(axis in sweep.grid) && !sweep.include.slice(0, index).some((other) => axis in other);
      if (checkAxis(axis, path) && firstToName) problems.push(...checkUse(axis, path, draft, randomSteps));
      if (axis === 'seed') problems.push(...checkSeed(value, path));
    }
  }
  const gridAxes = Object.keys(sweep.grid);
  for (const [index, point] of sweep.exclude.entries()) {
    for (const axis of Object.keys(point)) {
      if (gridAxes.includes(axis)) continue;
      const message = `'exclude' names '${axis}', which is no axis of the grid`;
      const path = ['sweep', 'exclude', index, axis];
      problems.push({
        path,
        at: 'key',
        code: 'unknown-axis',
        message,
        hint: suggest(axis, gridAxes, 'its axes are'),
      });
    }
  }
  const count = Object.values(sweep.grid).reduce((product, values) => product * values.length, 1);
  if (count > POINT_LIMIT) {
    const message = `the grid has ${count} points, and a sweep at most ${POINT_LIMIT}`;
    problems.push({ path: ['sweep', 'grid'], at: 'key', code: 'too-many-points', message });
  }
  return problems;
}

function checkUse(
  axis: string,
  path: ValuePath,
  draft: PipelineDraft,
  randomSteps: readonly string[],
): Problem[] {
  const only = new Set([axis]);
  const values: Json[] = Object.values(draft.stages).map((stage) => stage.with);
  if (draft.sweep) values.push(draft.sweep.grid, draft.sweep.include);
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

import type { Diagnostic } from '../core/diagnostic.ts';
import { type Json, jsonEquals } from '../core/json.ts';
import type { Plan, Point } from '../core/plan.ts';
import { nearest, suggest } from '../core/suggest.ts';
import { encodeValue } from './step-id.ts';

export interface Selection {
  /** In the order of the plan. */
  readonly stepIds: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The steps that selectors name: `STEP` at all points, `STEP@axis=value,…` where the axes have these
 * values (also axes that the step does not depend on), or a step's id.
 */
export function selectSteps(plan: Plan, selectors: readonly string[]): Selection {
  const chosen = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const selector of selectors) {
    const found = selectOne(plan, selector);
    if (Array.isArray(found)) for (const id of found) chosen.add(id);
    else diagnostics.push({ severity: 'error', code: 'unknown-step', ...(found as Refusal) });
  }
  return { stepIds: plan.steps.flatMap(({ id }) => (chosen.has(id) ? [id] : [])), diagnostics };
}

interface Refusal {
  readonly message: string;
  readonly hint?: string;
}

function selectOne(plan: Plan, selector: string): string[] | Refusal {
  if (plan.steps.some(({ id }) => id === selector)) return [selector];
  const at = selector.indexOf('@');
  const key = at < 0 ? selector : selector.slice(0, at);
  const keys = [...new Set(plan.steps.map((step) => step.key))];
  if (!keys.includes(key)) {
    return { message: `the pipeline has no step '${key}'`, hint: suggest(key, keys, 'its steps are') };
  }
  const conditions: { axis: string; matches: (value: Json) => boolean }[] = [];
  // A comma within a value is no end of it: only one before 'axis=' is.
  for (const part of at < 0 ? [] : selector.slice(at + 1).split(/,(?=[A-Za-z_][\w-]*=)/)) {
    const equals = part.indexOf('=');
    const axis = equals < 0 ? part : part.slice(0, equals);
    const text = equals < 0 ? '' : part.slice(equals + 1);
    if (equals < 0) return { message: `'${selector}': '${part}' is not of the form axis=value` };
    if (!plan.axes.includes(axis)) {
      const hint = suggest(axis, plan.axes, 'its axes are') ?? 'the pipeline has no sweep';
      return { message: `'${selector}': the sweep has no axis '${axis}'`, hint };
    }
    const matches = valueMatcher(text);
    const values = [...new Set(plan.points.map((point) => encodeValue(point[axis])))];
    if (!plan.points.some((point) => matches(point[axis]))) {
      const near = nearest(text, values);
      const hint =
        near !== null ? `did you mean '${near}'?` : `its values are: ${values.slice(0, 20).join(', ')}`;
      return { message: `'${selector}': the axis '${axis}' has no value '${text}'`, hint };
    }
    conditions.push({ axis, matches });
  }
  const holds = (point: Point) => conditions.every(({ axis, matches }) => matches(point[axis]));
  const ids = plan.points.flatMap((point, index) => {
    const id = plan.stepsOfPoint[index][key];
    return id !== undefined && holds(point) ? [id] : [];
  });
  return ids.length > 0
    ? [...new Set(ids)]
    : { message: `'${selector}': no point of the sweep has these values` };
}

/** As the id has it, as JSON, or as plain text. */
function valueMatcher(text: string): (value: Json) => boolean {
  let json: Json | undefined;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    const number = Number(text); // `.01` is no JSON
    if (text.trim() !== '' && Number.isFinite(number)) json = number;
  }
  return (value) =>
    encodeValue(value) === text || value === text || (json !== undefined && jsonEquals(json, value));
}

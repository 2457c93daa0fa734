import type { Json, JsonObject } from '../core/json.ts';
import type { PipelineDraft } from './draft.ts';
import type { Problem, ValuePath } from './problem.ts';
import { suggest } from './suggest.ts';

const STATISTICS = ['mean', 'sd', 'minimum', 'maximum'];
const BOUNDS = ['atLeast', 'atMost', 'within'];

/** Expectations of steps and axes that are not there, and those that expect nothing. */
export function checkExpect({ expect, stages, axes }: PipelineDraft): Problem[] {
  if (!expect) return [];
  const problems: Problem[] = [];
  const keys = Object.keys(stages);
  for (const key of Object.keys(expect)) {
    if (key === 'sweep' || keys.includes(key)) continue;
    const message = `'expect' names the step '${key}', which is not there`;
    problems.push({
      path: ['expect', key],
      at: 'key',
      code: 'unknown-step',
      message,
      hint: suggest(key, keys, 'steps are'),
    });
  }
  const entries = Array.isArray(expect.sweep) ? (expect.sweep as Json[]) : [];
  for (const [index, entry] of entries.entries()) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) continue;
    problems.push(...checkEntry(entry as JsonObject, ['expect', 'sweep', index], axes));
  }
  return problems;
}

function checkEntry(entry: JsonObject, path: ValuePath, axes: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const unknownAxis = (axis: string, at: 'key' | 'value', place: ValuePath) => {
    if (axes.includes(axis)) return;
    const hint = suggest(axis, axes, 'axes are') ?? 'the pipeline has no sweep';
    problems.push({
      path: place,
      at,
      code: 'unknown-axis',
      message: `the sweep has no axis '${axis}'`,
      hint,
    });
  };
  const { where, over } = entry;
  for (const axis of Object.keys((where ?? {}) as JsonObject))
    unknownAxis(axis, 'key', [...path, 'where', axis]);
  if (typeof over === 'string') unknownAxis(over, 'value', [...path, 'over']);
  for (const [index, axis] of Array.isArray(over) ? over.entries() : []) {
    if (typeof axis === 'string') unknownAxis(axis, 'value', [...path, 'over', index]);
  }
  const expected = over === undefined ? BOUNDS : STATISTICS;
  const other = over === undefined ? STATISTICS : BOUNDS;
  const misplaced = other.find((name) => name in entry);
  if (misplaced !== undefined) {
    const message =
      over === undefined
        ? `'${misplaced}' is taken over an axis, and the expectation has no 'over'`
        : `'${misplaced}' of what? With 'over' it stands below ${STATISTICS.join(', ')}`;
    problems.push({ path: [...path, misplaced], at: 'key', code: 'bad-expectation', message });
  } else if (!expected.some((name) => name in entry)) {
    const message = `the expectation says nothing of its metric: it needs one of ${expected.join(', ')}`;
    problems.push({ path, at: 'value', code: 'bad-expectation', message });
  }
  return problems;
}

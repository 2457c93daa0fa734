import type { Catalogue } from '../core/declaration.ts';
import { STATISTICS } from '../core/expectation.ts';
import { canonicalJson, type Json, type JsonObject, jsonEquals } from '../core/json.ts';
import { nearest, suggest } from '../core/suggest.ts';
import { checkBounds } from './check-bounds.ts';
import { checkExpectedFile } from './check-expected-file.ts';
import type { PipelineDraft } from './draft.ts';
import { metricsOf, resolveMetric } from './expected-metric.ts';
import { own } from './own.ts';
import type { Problem, ValuePath } from './problem.ts';
import { holdsReference } from './references.ts';

const BOUNDS = ['atLeast', 'atMost', 'between', 'within', 'withinSd'];

/** Expectations of steps, metrics, files, axes and values that cannot be, and those that expect nothing. */
export function checkExpect(draft: PipelineDraft, catalogue: Catalogue): Problem[] {
  const { expect, stages } = draft;
  if (!expect) return [];
  const problems: Problem[] = [];
  for (const [key, block] of Object.entries(expect)) {
    if (key === 'sweep') continue;
    const path = ['expect', key];
    if (!own(stages, key)) problems.push(unknownStep(key, stages, path, 'key'));
    else if (isObject(block)) problems.push(...checkStep({ draft, catalogue }, key, block, path));
  }
  const entries = Array.isArray(expect.sweep) ? (expect.sweep as Json[]) : [];
  for (const [index, entry] of entries.entries()) {
    if (isObject(entry))
      problems.push(...checkEntry({ draft, catalogue }, entry, ['expect', 'sweep', index]));
  }
  return problems;
}

interface Context {
  readonly draft: PipelineDraft;
  readonly catalogue: Catalogue;
}

function checkStep(context: Context, step: string, block: JsonObject, path: ValuePath): Problem[] {
  return Object.entries(block).flatMap(([name, value]): Problem[] => {
    const place = [...path, name];
    if (name === 'files') return checkFiles(context, step, value, place);
    return [
      ...checkMetricName(context, step, { metric: name, path: place, at: 'key' }),
      ...(isObject(value) ? checkBounds(value, place) : []),
    ];
  });
}

function checkEntry(context: Context, entry: JsonObject, path: ValuePath): Problem[] {
  const { draft } = context;
  const problems = [...checkWhere(draft, entry.where, path), ...checkOver(draft, entry.over, path)];
  const { metric, step, files, over } = entry;
  if (metric === undefined && step === undefined) {
    const message = "the expectation is on nothing: it needs 'metric', or 'step' and 'files'";
    return [...problems, { path, at: 'value', code: 'bad-expectation', message }];
  }
  if (typeof step === 'string') {
    if (!own(draft.stages, step)) problems.push(unknownStep(step, draft.stages, [...path, 'step'], 'value'));
    else problems.push(...checkFiles(context, step, files, [...path, 'files']));
    if (over !== undefined) {
      const message = "files are held against what they must be at each point: 'over' is for metrics";
      problems.push({ path: [...path, 'over'], at: 'key', code: 'bad-expectation', message });
    }
  }
  if (typeof metric === 'string') problems.push(...checkMetricEntry(context, entry, metric, path));
  return problems;
}

function checkMetricEntry(context: Context, entry: JsonObject, text: string, path: ValuePath): Problem[] {
  const problems: Problem[] = [];
  const found = resolveMetric(text, context);
  if ('problem' in found) {
    problems.push({ path: [...path, 'metric'], at: 'value', code: 'unknown-metric', ...found.problem });
  } else {
    const { step, metric } = found;
    problems.push(...checkMetricName(context, step, { metric, path: [...path, 'metric'], at: 'value' }));
  }
  const over = entry.over !== undefined;
  const given = (names: readonly string[]) => names.filter((name) => entry[name] !== undefined);
  const [expected, other] = over ? [STATISTICS, BOUNDS] : [BOUNDS, STATISTICS];
  // Without 'over' the key 'sd' is the golden standard deviation.
  const misplaced = given(other).find((name) => over || name !== 'sd');
  if (misplaced !== undefined) {
    const message = over
      ? `'${misplaced}' of what? With 'over' it stands below ${STATISTICS.join(', ')}`
      : `'${misplaced}' is taken over an axis, and the expectation has no 'over'`;
    problems.push({ path: [...path, misplaced], at: 'key', code: 'bad-expectation', message });
  } else if (given(expected).length === 0) {
    const message = `the expectation says nothing of its metric: it needs one of ${expected.join(', ')}`;
    problems.push({ path, at: 'value', code: 'bad-expectation', message });
  } else if (!over) problems.push(...checkBounds(entry, path));
  if (over) {
    for (const name of given(STATISTICS)) {
      const bounds = entry[name];
      if (isObject(bounds)) problems.push(...checkBounds(bounds, [...path, name]));
      else if (name === 'sd') {
        const message = "with 'over', 'sd' is bounds on the standard deviation: sd: { atMost: 0.02 }";
        problems.push({ path: [...path, name], at: 'value', code: 'bad-expectation', message });
      }
    }
  }
  return problems;
}

function checkFiles(context: Context, step: string, files: Json | undefined, path: ValuePath): Problem[] {
  if (!isObject(files)) return [];
  const { uses, with: values } = context.draft.stages[step];
  const declaration = own(context.catalogue.stages, uses)?.declaration;
  return Object.entries(files).flatMap(([file, block]) =>
    isObject(block)
      ? checkExpectedFile({ step, declaration, values, file, block, path: [...path, file] })
      : [],
  );
}

function checkMetricName(
  { draft, catalogue }: Context,
  step: string,
  { metric, path, at }: { readonly metric: string; readonly path: ValuePath; readonly at: 'key' | 'value' },
): Problem[] {
  const { uses } = draft.stages[step];
  const known = metricsOf(own(catalogue.stages, uses)?.declaration);
  if (!known || known.includes(metric)) return [];
  const plain = known.filter((name) => !name.includes('.'));
  const near = nearest(metric, known);
  const hint =
    near !== null
      ? `did you mean '${near}'?`
      : `its metrics are: ${plain.join(', ')}; of a split: test.${plain[0]}`;
  const message = `step '${step}' (${uses}) measures no '${metric}'`;
  return [{ path, at, code: 'unknown-metric', message, within: metric, hint }];
}

function checkWhere(draft: PipelineDraft, where: Json | undefined, path: ValuePath): Problem[] {
  if (!isObject(where)) return [];
  return Object.entries(where).flatMap(([axis, value]): Problem[] => {
    const place = [...path, 'where', axis];
    if (!draft.axes.includes(axis)) return [unknownAxis(draft, axis, 'key', place)];
    const { grid = {}, zip = {}, random = null, include = [] } = draft.sweep ?? {};
    const values = [
      ...(own(grid, axis) ?? own(zip, axis) ?? []),
      ...include.flatMap((point) => (point[axis] === undefined ? [] : [point[axis]])),
    ];
    // What is drawn, or left to params, shows when the sweep is expanded.
    const decided =
      own(random?.axes ?? {}, axis) === undefined &&
      values.every((one) => !holdsReference(one)) &&
      include.every((point) => axis in point);
    if (!decided || values.some((one) => jsonEquals(one, value))) return [];
    const texts = values.map((one) => (typeof one === 'string' ? one : canonicalJson(one)));
    const message = `no point has the value ${canonicalJson(value)} on the axis '${axis}'`;
    const hint = suggest(typeof value === 'string' ? value : canonicalJson(value), texts, 'its values are');
    return [{ path: place, at: 'value', code: 'unknown-value', message, hint }];
  });
}

function checkOver(draft: PipelineDraft, over: Json | undefined, path: ValuePath): Problem[] {
  const axes = Array.isArray(over) ? (over as Json[]) : [over];
  return axes.flatMap((axis, index) => {
    if (typeof axis !== 'string' || draft.axes.includes(axis)) return [];
    const place = Array.isArray(over) ? [...path, 'over', index] : [...path, 'over'];
    return [unknownAxis(draft, axis, 'value', place)];
  });
}

function unknownAxis(draft: PipelineDraft, axis: string, at: 'key' | 'value', path: ValuePath): Problem {
  const hint = suggest(axis, draft.axes, 'axes are') ?? 'the pipeline has no sweep';
  return { path, at, code: 'unknown-axis', message: `the sweep has no axis '${axis}'`, hint };
}

function unknownStep(
  key: string,
  stages: PipelineDraft['stages'],
  path: ValuePath,
  at: 'key' | 'value',
): Problem {
  const hint = suggest(key, Object.keys(stages), 'steps are');
  return {
    path,
    at,
    code: 'unknown-step',
    message: `'expect' names the step '${key}', which is not there`,
    hint,
  };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

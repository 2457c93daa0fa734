import type { Diagnostic } from '../core/diagnostic.ts';
import { canonicalJson, type Json, type JsonObject } from '../core/json.ts';
import type { Point } from '../core/plan.ts';
import type { ValuePath } from '../spec/problem.ts';
import { holdsReference } from '../spec/references.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import { Expander } from './expand-value.ts';

export interface Points {
  readonly points: readonly Point[];
  /** For each point, the number of its value on each axis: equal numbers, equal values. */
  readonly numbers: readonly Int32Array[];
  /** Where the value with this number of an axis was written; null for `--set`. */
  readonly origins: readonly (readonly (ValuePath | null)[])[];
  readonly diagnostics: readonly Diagnostic[];
}

interface RawPoint {
  readonly values: Json[];
  readonly origins: (ValuePath | null)[];
}

/** The points of a sweep in the order of the file: the grid (its last axis fastest) less `exclude`, then `include`. */
export function enumeratePoints(pipeline: EffectivePipeline): Points {
  const { sweep, axes, spec } = pipeline;
  if (!sweep || axes.length === 0)
    return { points: [{}], numbers: [new Int32Array(0)], origins: [], diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const excluded = sweep.exclude.map((entry, index) => ({ entry, index, met: false }));
  const kept = new Map<string, Point>();
  const tables = axes.map(() => new Map<string, number>());
  const origins: (ValuePath | null)[][] = axes.map(() => []);
  const numbers: Int32Array[] = [];

  const add = (raw: RawPoint, mayExclude: boolean) => {
    const { point, problem, axis: at } = settle(pipeline, raw.values);
    if (problem) {
      const path = raw.origins[axes.indexOf(at)] ?? ['sweep'];
      diagnostics.push({
        severity: 'error',
        code: 'bad-reference',
        message: problem,
        position: spec.positionOf(path),
      });
    }
    const texts = axes.map((axis) => canonicalJson(point[axis]));
    if (mayExclude) {
      const matching = excluded.filter(({ entry }) => matches(point, entry));
      for (const one of matching) one.met = true;
      if (matching.length > 0) return;
    }
    const id = texts.join('\n');
    if (kept.has(id)) return;
    kept.set(id, point);
    numbers.push(
      Int32Array.from(texts, (text, axis) => {
        const known = tables[axis].get(text);
        if (known !== undefined) return known;
        tables[axis].set(text, tables[axis].size);
        origins[axis].push(raw.origins[axis]);
        return tables[axis].size - 1;
      }),
    );
  };

  for (const raw of gridPoints(pipeline)) add(raw, true);
  for (const raw of includedPoints(pipeline)) add(raw, false);
  for (const { index, met } of excluded) {
    if (met || pipeline.overridden.size > 0) continue;
    const position = spec.positionOf(['sweep', 'exclude', index]);
    const message = 'this matches no point of the grid';
    diagnostics.push({ severity: 'warning', code: 'excludes-nothing', message, position });
  }
  if (kept.size === 0) {
    const position = spec.positionOf(['sweep'], 'key');
    const message = "the sweep has no points: 'exclude' leaves none of the grid";
    diagnostics.push({ severity: 'error', code: 'no-points', message, position });
  }
  return { points: [...kept.values()], numbers, origins, diagnostics };
}

function* gridPoints(pipeline: EffectivePipeline): Generator<RawPoint> {
  const { grid } = pipeline.sweep!;
  if (Object.keys(grid).length === 0) return;
  const lists = pipeline.axes.map((axis) => grid[axis] ?? [baseValue(pipeline, axis)]);
  const places = pipeline.axes.map((axis) => (value: number): ValuePath | null => {
    if (pipeline.overridden.has(axis)) return null;
    return axis in grid ? ['sweep', 'grid', axis, value] : basePlace(axis);
  });
  const chosen = lists.map(() => 0);
  while (true) {
    yield {
      values: chosen.map((value, axis) => lists[axis][value]),
      origins: chosen.map((value, axis) => places[axis](value)),
    };
    let axis = lists.length - 1;
    while (axis >= 0 && ++chosen[axis] === lists[axis].length) chosen[axis--] = 0;
    if (axis < 0) return;
  }
}

function* includedPoints(pipeline: EffectivePipeline): Generator<RawPoint> {
  for (const [index, entry] of pipeline.sweep!.include.entries()) {
    yield {
      values: pipeline.axes.map((axis) => entry[axis] ?? baseValue(pipeline, axis)),
      origins: pipeline.axes.map((axis) => {
        if (pipeline.overridden.has(axis)) return null;
        return axis in entry ? ['sweep', 'include', index, axis] : basePlace(axis);
      }),
    };
  }
}

/** What an axis is where a point does not name it. */
function baseValue({ params, seed }: EffectivePipeline, axis: string): Json {
  return axis === 'seed' ? seed : params[axis];
}

function basePlace(axis: string): ValuePath {
  return axis === 'seed' ? ['seed'] : ['params', axis];
}

/** The point with references in its values expanded, which may name other axes. */
function settle(
  pipeline: EffectivePipeline,
  values: readonly Json[],
): { point: Point; problem: string | null; axis: string } {
  const { axes, overridden } = pipeline;
  const point: { [axis: string]: Json } = {};
  for (const [index, axis] of axes.entries()) point[axis] = values[index];
  const open = axes.filter((axis) => !overridden.has(axis) && holdsReference(point[axis]));
  if (open.length === 0) return { point, problem: null, axis: '' };
  const closed = Object.fromEntries(Object.entries(point).filter(([axis]) => !open.includes(axis)));
  const expander = new Expander({ ...pipeline, params: { ...pipeline.params, ...point } }, closed);
  const expanded = open.map((axis) => ({ axis, ...expander.expand(`\${{ params.${axis} }}`) }));
  for (const { axis, value } of expanded) point[axis] = value;
  const failed = expanded.find(({ problem }) => problem !== null);
  return { point, problem: failed?.problem ?? null, axis: failed?.axis ?? '' };
}

function matches(point: Point, entry: JsonObject): boolean {
  return Object.keys(entry).every((axis) => canonicalJson(point[axis]) === canonicalJson(entry[axis]));
}

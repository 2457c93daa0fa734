import type { Diagnostic } from '../core/diagnostic.ts';
import { canonicalJson, type Json, type JsonObject } from '../core/json.ts';
import type { SweepSpec } from '../core/pipeline.ts';
import type { Point } from '../core/plan.ts';
import type { ValuePath } from '../spec/problem.ts';
import { holdsReference } from '../spec/references.ts';
import { type Draw, drawPoints } from './draw-points.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import { Expander } from './expand-value.ts';
import { NumberSequences } from './number-sequences.ts';

export interface Points {
  readonly points: readonly Point[];
  /** For each point, the number of its value on each axis: equal numbers, equal values. */
  readonly numbers: readonly (readonly number[])[];
  /** Where the value with this number of an axis was written; null for `--set`. */
  readonly origins: readonly (readonly (ValuePath | null)[])[];
  readonly diagnostics: readonly Diagnostic[];
}

interface RawPoint {
  readonly values: Json[];
  readonly origins: (ValuePath | null)[];
}

/**
 * The points of a sweep in the order of the file: all combinations of grid, zip and random (the last
 * fastest) less `exclude`, then `include`.
 */
export function enumeratePoints(pipeline: EffectivePipeline): Points {
  const { sweep, axes, spec } = pipeline;
  if (!sweep || axes.length === 0) return { points: [{}], numbers: [[]], origins: [], diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const excluded = sweep.exclude.map((entry, index) => ({ entry, index, met: false }));
  const points: Point[] = [];
  const origins: (ValuePath | null)[][] = axes.map(() => []);
  const numbers: number[][] = [];
  const numberings = axes.map(() => new ValueNumbers());
  const blocks = blocksOf(sweep);
  const sequences = new NumberSequences(mostPoints(blocks, sweep.include.length));
  const kept = new Set<number>();

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
    if (mayExclude && excluded.length > 0) {
      const matching = excluded.filter(({ entry }) => matches(point, entry));
      for (const one of matching) one.met = true;
      if (matching.length > 0) return;
    }
    const own = axes.map((axis, index) => numberings[index].of(point[axis]));
    const id = own.reduce((before, number) => sequences.next(before, number), NumberSequences.START);
    if (kept.has(id)) return;
    kept.add(id);
    points.push(point);
    numbers.push(own);
    for (let axis = 0; axis < own.length; axis++) origins[axis][own[axis]] ??= raw.origins[axis];
  };

  for (const raw of combinedPoints(pipeline, blocks)) add(raw, true);
  for (const raw of includedPoints(pipeline)) add(raw, false);
  const drawn = sweep.random ? blocks.at(-1)!.rows.length : 0;
  if (sweep.random && drawn < sweep.random.points && pipeline.overridden.size === 0) {
    const position = spec.positionOf(['sweep', 'random', 'points']);
    const message = `there are no more than ${drawn} different points to draw`;
    diagnostics.push({ severity: 'warning', code: 'few-points', message, position });
  }
  for (const { index, met } of excluded) {
    if (met || pipeline.overridden.size > 0) continue;
    const position = spec.positionOf(['sweep', 'exclude', index]);
    const message = 'this matches no point of the sweep';
    diagnostics.push({ severity: 'warning', code: 'excludes-nothing', message, position });
  }
  if (points.length === 0) {
    const position = spec.positionOf(['sweep'], 'key');
    const message = "the sweep has no points: 'exclude' leaves none";
    diagnostics.push({ severity: 'error', code: 'no-points', message, position });
  }
  return { points, numbers, origins, diagnostics };
}

/** The values of an axis, numbered as they come: equal ones alike. */
class ValueNumbers {
  private readonly numbers = new Map<string, number>();
  /** The same few values come again at every point. */
  private readonly known = new Map<Json, number>();

  of(value: Json): number {
    let number = this.known.get(value);
    if (number === undefined) {
      const text = canonicalJson(value);
      number = this.numbers.get(text) ?? this.numbers.size;
      this.numbers.set(text, number);
      this.known.set(value, number);
    }
    return number;
  }
}

/** How many points there are at most, and so values on an axis. */
function mostPoints(blocks: readonly Block[], included: number): number {
  return blocks.reduce((points, { rows }) => points * rows.length, 1) + included;
}

/** Values that go together: one row of them makes part of a point. */
interface Block {
  readonly axes: readonly string[];
  readonly rows: readonly Draw[];
}

/** Every axis of the grid is a block of its own, the zipped ones are one together, and so are the drawn ones. */
function blocksOf({ grid, zip, random }: SweepSpec): Block[] {
  const blocks = Object.entries(grid).map(([axis, values]): Block => {
    const rows = values.map((value, at) => ({ values: [value], places: [['sweep', 'grid', axis, at]] }));
    return { axes: [axis], rows };
  });
  const zipped = Object.keys(zip);
  if (zipped.length > 0) {
    const rows = zip[zipped[0]].map((_, at) => ({
      values: zipped.map((axis) => zip[axis][at]),
      places: zipped.map((axis) => ['sweep', 'zip', axis, at]),
    }));
    blocks.push({ axes: zipped, rows });
  }
  if (random) blocks.push({ axes: Object.keys(random.axes), rows: drawPoints(random) });
  return blocks;
}

function* combinedPoints(pipeline: EffectivePipeline, blocks: readonly Block[]): Generator<RawPoint> {
  if (blocks.length === 0) return;
  const { axes, overridden } = pipeline;
  const base = axes.map((axis) => baseValue(pipeline, axis));
  const basePlaces = axes.map((axis) => (overridden.has(axis) ? null : basePlace(axis)));
  const columns = blocks.map((block) => block.axes.map((axis) => axes.indexOf(axis)));
  const chosen = blocks.map(() => 0);
  while (true) {
    const values = [...base];
    const origins: (ValuePath | null)[] = [...basePlaces];
    for (let block = 0; block < blocks.length; block++) {
      const row = blocks[block].rows[chosen[block]];
      columns[block].forEach((column, at) => {
        values[column] = row.values[at];
        if (origins[column] !== null) origins[column] = row.places[at];
      });
    }
    yield { values, origins };
    let block = blocks.length - 1;
    while (block >= 0 && ++chosen[block] === blocks[block].rows.length) chosen[block--] = 0;
    if (block < 0) return;
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

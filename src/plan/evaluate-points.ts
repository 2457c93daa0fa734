import type { Catalogue } from '../core/declaration.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import type { Point } from '../core/plan.ts';
import { axesBehind } from '../spec/axes.ts';
import { own } from '../spec/own.ts';
import { inTextOrder, toDiagnostic } from '../spec/problem.ts';
import { holdsReference } from '../spec/references.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import type { Points } from './enumerate-points.ts';
import { createStageEvaluator, type StageValues } from './evaluate-stage.ts';
import { NumberSequences } from './number-sequences.ts';
import type { StageProblem } from './stage-at-point.ts';
import { traceOrigin } from './trace-origin.ts';

/** A sweep with a thousand bad values says so; nobody reads it a thousand times. */
const SHOWN_PROBLEMS = 50;

export interface EvaluateRequest {
  readonly pipeline: EffectivePipeline;
  readonly points: Points;
  readonly catalogue: Catalogue;
  readonly workingFolder: string;
}

type Positions = { readonly [parameter: string]: Position };

/** With the places where its parameters' values were written. */
export interface PlacedValues {
  /** From 0 on, within the step's key. */
  readonly number: number;
  readonly values: StageValues;
  readonly positions: () => Positions;
}

export interface EvaluatedStages {
  /** By step key, for each point: the same object where nothing differs that makes two steps different. */
  readonly values: ReadonlyMap<string, readonly PlacedValues[]>;
  /** The axes that a step's own parameters and seed may depend on. */
  readonly axes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Evaluates each step at each point, once for points that agree on all axes it refers to. */
export function evaluatePoints({
  pipeline,
  points,
  catalogue,
  workingFolder,
}: EvaluateRequest): EvaluatedStages {
  const { spec, params } = pipeline;
  const values = new Map<string, PlacedValues[]>();
  const axesByKey = new Map<string, ReadonlySet<string>>();
  const told = new Map<string, Diagnostic>();
  for (const [key, stage] of Object.entries(spec.stages)) {
    const { declaration } = own(catalogue.stages, stage.uses)!;
    const collected = new Set(stage.over ?? []);
    const axes = axesBehind(stage.with, params, new Set(pipeline.axes));
    if (declaration.random && pipeline.axes.includes('seed')) axes.add('seed');
    for (const axis of collected) axes.delete(axis);
    axesByKey.set(key, axes);
    const groupOf = projectPoint(points, pipeline.axes, axes);
    const known = new Map<number, PlacedValues>();
    const equal = new Map<string, PlacedValues>();
    const evaluate = createStageEvaluator({ pipeline, workingFolder, key, stage, declaration });
    const positionsAt = findPositions(pipeline, points, key);
    values.set(
      key,
      points.points.map((whole, index) => {
        const group = groupOf(points.numbers[index]);
        let found = known.get(group);
        if (!found) {
          const evaluated = evaluate(withoutAxes(whole, collected));
          for (const problem of evaluated.problems) tell({ problem, key, point: index });
          found = equal.get(evaluated.text) ?? {
            number: equal.size,
            values: evaluated,
            positions: positionsAt(index),
          };
          equal.set(evaluated.text, found);
          known.set(group, found);
        }
        return found;
      }),
    );
  }
  return { values, axes: axesByKey, diagnostics: shorten(inTextOrder([...told.values()])) };

  function tell(found: ProblemAtPoint): void {
    const diagnostic = placeProblem(pipeline, points, found);
    const { line, column } = diagnostic.position ?? { line: 0, column: 0 };
    const id = `${line}:${column}:${diagnostic.message}`;
    if (!told.has(id)) told.set(id, diagnostic);
  }
}

/** A number that is equal for points which agree on these axes. */
export function projectPoint(
  { points }: Points,
  all: readonly string[],
  axes: ReadonlySet<string>,
): (numbers: readonly number[]) => number {
  const chosen = all.flatMap((axis, index) => (axes.has(axis) ? [index] : []));
  if (chosen.length === 1) return (numbers) => numbers[chosen[0]];
  const sequences = new NumberSequences(points.length);
  return (numbers) => {
    let group = NumberSequences.START;
    for (const index of chosen) group = sequences.next(group, numbers[index]);
    return group;
  };
}

function withoutAxes(point: Point, axes: ReadonlySet<string>): Point {
  if (axes.size === 0) return point;
  return Object.fromEntries(Object.entries(point).filter(([axis]) => !axes.has(axis)));
}

interface ProblemAtPoint {
  readonly problem: StageProblem;
  readonly key: string;
  readonly point: number;
}

/** The diagnostic stands where the value was written: in the sweep, in `params`, or in the step. */
function placeProblem(
  pipeline: EffectivePipeline,
  points: Points,
  { problem, key, point }: ProblemAtPoint,
): Diagnostic {
  const { positionOf, text } = pipeline.spec;
  const { in: section, name, inside } = problem.place;
  if (section === 'needs' || (problem.at === 'key' && inside.length === 0)) {
    return toDiagnostic({ ...problem, path: ['stages', key, section, name] }, positionOf, text);
  }
  const origin = traceOrigin(pipeline, points, { key, parameter: name, inside, point });
  if ('path' in origin) return toDiagnostic({ ...problem, path: origin.path }, positionOf, text);
  const { code, message, hint, severity = 'error' } = problem;
  return { severity, code, message: `${origin.option}: ${message}`, ...(hint ? { hint } : {}) };
}

/**
 * Where each parameter's value was written; what `--set` gave has the place of the reference to it. Looked
 * up when somebody asks why a step is stale: a plan has many values, and most are never asked for.
 */
function findPositions(
  pipeline: EffectivePipeline,
  points: Points,
  key: string,
): (point: number) => () => Positions {
  const { spec } = pipeline;
  return (point) => () => {
    const positions: { [parameter: string]: Position } = {};
    for (const [name, value] of Object.entries(spec.stages[key].with)) {
      const place = ['stages', key, 'with', name];
      const origin = holdsReference(value)
        ? traceOrigin(pipeline, points, { key, parameter: name, inside: [], point })
        : null;
      positions[name] = spec.positionOf(origin && 'path' in origin ? origin.path : place);
    }
    return positions;
  };
}

function shorten(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const others = diagnostics.filter(({ severity }) => severity !== 'error');
  if (errors.length <= SHOWN_PROBLEMS) return [...diagnostics];
  const message = `and ${errors.length - SHOWN_PROBLEMS} more of such errors`;
  return [...others, ...errors.slice(0, SHOWN_PROBLEMS), { severity: 'error', code: 'more-errors', message }];
}

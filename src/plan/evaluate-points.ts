import type { Catalogue } from '../core/declaration.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Point } from '../core/plan.ts';
import { axesBehind } from '../spec/axes.ts';
import { own } from '../spec/own.ts';
import { inTextOrder, toDiagnostic } from '../spec/problem.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import type { Points } from './enumerate-points.ts';
import { evaluateStage, type StageValues } from './evaluate-stage.ts';
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

export interface EvaluatedStages {
  /** By step key, for each point: equal objects where nothing that they depend on differs. */
  readonly values: ReadonlyMap<string, readonly StageValues[]>;
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
  const values = new Map<string, StageValues[]>();
  const axesByKey = new Map<string, ReadonlySet<string>>();
  const told = new Map<string, Diagnostic>();
  for (const [key, stage] of Object.entries(spec.stages)) {
    const { declaration } = own(catalogue.stages, stage.uses)!;
    const collected = new Set(stage.over ?? []);
    const axes = axesBehind(stage.with, params, new Set(pipeline.axes));
    if (declaration.random && pipeline.axes.includes('seed')) axes.add('seed');
    for (const axis of collected) axes.delete(axis);
    axesByKey.set(key, axes);
    const groupOf = projectPoint(pipeline.axes, axes);
    const known = new Map<string, StageValues>();
    values.set(
      key,
      points.points.map((whole, index) => {
        const group = groupOf(points.numbers[index]);
        let found = known.get(group);
        if (!found) {
          const point = withoutAxes(whole, collected);
          found = evaluateStage({ pipeline, workingFolder, key, stage, declaration, point });
          known.set(group, found);
          for (const problem of found.problems) tell(problem, key, index);
        }
        return found;
      }),
    );
  }
  return { values, axes: axesByKey, diagnostics: shorten(inTextOrder([...told.values()])) };

  function tell(problem: StageProblem, key: string, pointIndex: number): void {
    const diagnostic = place(problem, key, pointIndex, pipeline, points);
    const { line, column } = diagnostic.position ?? { line: 0, column: 0 };
    const id = `${line}:${column}:${diagnostic.message}`;
    if (!told.has(id)) told.set(id, diagnostic);
  }
}

/** A text that is equal for points which agree on these axes. */
export function projectPoint(
  all: readonly string[],
  axes: ReadonlySet<string>,
): (numbers: Int32Array) => string {
  const chosen = all.flatMap((axis, index) => (axes.has(axis) ? [index] : []));
  if (chosen.length === 1) return (numbers) => String(numbers[chosen[0]]);
  return (numbers) => chosen.map((index) => numbers[index]).join();
}

function withoutAxes(point: Point, axes: ReadonlySet<string>): Point {
  if (axes.size === 0) return point;
  return Object.fromEntries(Object.entries(point).filter(([axis]) => !axes.has(axis)));
}

/** The diagnostic stands where the value was written: in the sweep, in `params`, or in the step. */
function place(
  problem: StageProblem,
  key: string,
  pointIndex: number,
  pipeline: EffectivePipeline,
  points: Points,
): Diagnostic {
  const { spec, axes } = pipeline;
  const { in: section, name, inside } = problem.place;
  const path = ['stages', key, section, name];
  const { positionOf, text } = spec;
  if (section === 'needs' || problem.at === 'key') {
    const whole = inside.length > 0 && section === 'with' ? [...path, ...inside] : path;
    return toDiagnostic({ ...problem, path: whole }, positionOf, text);
  }
  const written = own(spec.stages[key].with, name);
  const originOfAxis = (axis: string) => {
    const index = axes.indexOf(axis);
    return points.origins[index][points.numbers[pointIndex][index]];
  };
  const origin = traceOrigin({ pipeline, originOfAxis, written, path, inside });
  if ('path' in origin) return toDiagnostic({ ...problem, path: origin.path }, positionOf, text);
  const { code, message, hint, severity = 'error' } = problem;
  return { severity, code, message: `${origin.option}: ${message}`, ...(hint ? { hint } : {}) };
}

function shorten(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const others = diagnostics.filter(({ severity }) => severity !== 'error');
  if (errors.length <= SHOWN_PROBLEMS) return [...diagnostics];
  const message = `and ${errors.length - SHOWN_PROBLEMS} more of such errors`;
  return [...others, ...errors.slice(0, SHOWN_PROBLEMS), { severity: 'error', code: 'more-errors', message }];
}

import type { Catalogue } from '../core/declaration.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Override, PipelineSpec } from '../core/pipeline.ts';
import type { Plan, Step } from '../core/plan.ts';
import { assembleSteps, nameNodes, notesAmong } from './assemble-steps.ts';
import { buildNodes } from './build-steps.ts';
import { applyOverrides } from './effective-pipeline.ts';
import { enumeratePoints } from './enumerate-points.ts';
import { evaluatePoints } from './evaluate-points.ts';
import { findPolicies } from './find-policies.ts';
import { selectSteps } from './select-steps.ts';

export interface PlanRequest {
  readonly spec: PipelineSpec;
  readonly catalogue: Catalogue;
  readonly overrides: readonly Override[];
  /** Absolute: where paths given by `--set` start. */
  readonly workingFolder: string;
  /** `STEP` or `STEP@axis=value,…`: these and what they need. All, where absent. */
  readonly only?: readonly string[];
}

export interface PlanResult {
  /** Null where any diagnostic is an error. */
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Expands a pipeline into steps:
 *
 *   --set → points → parameters of each step at each point → shared steps → ids, order, policies
 *
 * Nothing here looks at a disk: a source that is missing is found when it is digested.
 */
export function planPipeline(request: PlanRequest): PlanResult {
  const { spec, catalogue, workingFolder, only } = request;
  const { pipeline, diagnostics: overrideProblems } = applyOverrides(spec, request.overrides);
  const points = enumeratePoints(pipeline);
  const evaluated = evaluatePoints({ pipeline, points, catalogue, workingFolder });
  const diagnostics = [...overrideProblems, ...points.diagnostics, ...evaluated.diagnostics];
  if (diagnostics.some(({ severity }) => severity === 'error')) return { plan: null, diagnostics };

  const { nodes, atPoint } = buildNodes(pipeline, points, evaluated);
  const ids = nameNodes(nodes);
  const columns = Object.keys(spec.stages).map((key) => ({ key, nodes: atPoint.get(key)! }));
  const plan: Plan = {
    name: spec.name,
    file: spec.file,
    text: spec.text,
    seed: pipeline.seed,
    engine: spec.engine,
    axes: pipeline.axes,
    points: points.points,
    sweep: pipeline.sweep?.name ?? null,
    steps: assembleSteps(nodes, { ids, policies: findPolicies(spec, catalogue) }),
    stepsOfPoint: points.points.map((_, index) => {
      const steps: { [key: string]: string } = {};
      for (const { key, nodes } of columns) steps[key] = ids[nodes[index].number];
      return steps;
    }),
    notes: notesAmong(diagnostics),
  };
  if (!only || only.length === 0) return { plan, diagnostics };
  const selection = selectSteps(plan, only);
  if (selection.diagnostics.length > 0)
    return { plan: null, diagnostics: [...diagnostics, ...selection.diagnostics] };
  return { plan: restrictPlan(plan, selection.stepIds), diagnostics };
}

/** The plan with these steps and all that they need, and no others. */
export function restrictPlan(plan: Plan, stepIds: readonly string[]): Plan {
  const needed = new Set(stepIds);
  const steps: Step[] = [];
  for (const step of [...plan.steps].reverse()) {
    if (!needed.has(step.id)) continue;
    for (const id of step.dependsOn) needed.add(id);
    steps.push(step);
  }
  return {
    ...plan,
    steps: steps.reverse(),
    stepsOfPoint: plan.stepsOfPoint.map((byKey) =>
      Object.fromEntries(Object.entries(byKey).filter(([, id]) => needed.has(id))),
    ),
  };
}

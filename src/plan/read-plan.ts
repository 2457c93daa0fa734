import type { Diagnostic } from '../core/diagnostic.ts';
import type { Expectation } from '../core/expectation.ts';
import type { Plan } from '../core/plan.ts';
import { type PipelineFile, parsePipeline } from '../spec/parse-pipeline.ts';
import { inTextOrder } from '../spec/problem.ts';
import { readExpectations } from '../spec/read-expectations.ts';
import { type PlanRequest, planPipeline } from './plan-pipeline.ts';

export interface PlanReading {
  /** Null where any diagnostic is an error. */
  readonly plan: Plan | null;
  /** What the file expects of the results; they are no part of the plan, and decide no artifact. */
  readonly expectations: readonly Expectation[];
  /** All problems of the file and of its expansion, in one pass. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the diagnostics' positions refer to. */
  readonly text: string;
}

/**
 * From the bytes of a pipeline file to its plan. Where the file is at fault, the steps that are sound are
 * expanded nevertheless, for what only expanded values show.
 */
export function readPlan(request: PipelineFile & Omit<PlanRequest, 'spec'>): PlanReading {
  const { spec, sound, diagnostics, text } = parsePipeline(request);
  if (spec) {
    const { plan, diagnostics: found } = planPipeline({ ...request, spec });
    const expectations = readExpectations(spec, request.catalogue);
    return { plan, expectations, diagnostics: inTextOrder([...diagnostics, ...found]), text };
  }
  const found = sound ? planPipeline({ ...request, spec: sound, only: [] }).diagnostics : [];
  const told = new Set(diagnostics.map(placeAndMessage));
  const further = found.filter((diagnostic) => !told.has(placeAndMessage(diagnostic)));
  return { plan: null, expectations: [], diagnostics: inTextOrder([...diagnostics, ...further]), text };
}

function placeAndMessage({ position, message }: Diagnostic): string {
  return `${position?.line}:${position?.column}: ${message}`;
}

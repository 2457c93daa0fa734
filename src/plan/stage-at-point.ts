import type { StageDeclaration } from '../core/declaration.ts';
import type { StageSpec } from '../core/pipeline.ts';
import type { Point } from '../core/plan.ts';
import type { Problem, ValuePath } from '../spec/problem.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';

export interface StageAtPoint {
  readonly pipeline: EffectivePipeline;
  /** Absolute; paths given by `--set` start here. */
  readonly workingFolder: string;
  readonly key: string;
  readonly stage: StageSpec;
  readonly declaration: StageDeclaration;
  /** Without the axes that the step collects over. */
  readonly point: Point;
}

/** Something wrong with, or to say about, a parameter or input of a step at a point. */
export interface StageProblem extends Omit<Problem, 'path'> {
  /** A parameter or an input, and where in its value. */
  readonly place: { readonly in: 'with' | 'needs'; readonly name: string; readonly inside: ValuePath };
}

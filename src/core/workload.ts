import type { JsonObject } from './json.ts';
import type { Network } from './network.ts';

/** One training step, as an engine sees it. */
export interface Workload {
  readonly network: Network;
  /** Images in a step. */
  readonly batch: number;
}

/** Which training step, as a plan knows it before any numerics are loaded: what a measured speed belongs to. */
export interface WorkloadRequest {
  readonly stage: string;
  /** Those that the stage's declaration names in `workload`. */
  readonly parameters: JsonObject;
  /** Height and width of an image. */
  readonly imageSize: readonly [number, number];
}

/** What a stage whose declaration has a `workload` exports under that name. */
export type StageWorkload = (parameters: JsonObject, imageSize: readonly [number, number]) => Workload;

/** `pretrain of 128×128, batch 12`. */
export function describeWorkload({ stage, parameters, imageSize }: WorkloadRequest): string {
  const batch = parameters['batch'] === undefined ? '' : `, batch ${parameters['batch']}`;
  return `${stage} of ${imageSize.join('×')}${batch}`;
}

import type { Catalogue, StageDeclaration } from '../core/declaration.ts';
import type { PipelineSpec, StageSpec } from '../core/pipeline.ts';
import type { StepPolicy } from '../core/resources.ts';

/** How the steps of each key are executed: what the file says, in place of what the stage declares. */
export function findPolicies(spec: PipelineSpec, catalogue: Catalogue): ReadonlyMap<string, StepPolicy> {
  return new Map(
    Object.entries(spec.stages).map(([key, stage]) => [
      key,
      policyOf(stage, catalogue.stages[stage.uses].declaration),
    ]),
  );
}

function policyOf(
  { resources, retries, timeoutMs }: StageSpec,
  { needs = {} }: StageDeclaration,
): StepPolicy {
  const { memoryMiB, gpu } = { memoryMiB: 0, gpu: 0, ...needs, ...resources };
  // Whoever writes fewer threads than the stage needs cores means the cores too.
  const cpu = resources.cpu ?? Math.min(needs.cpu ?? 1, resources.threads ?? Number.POSITIVE_INFINITY);
  const threads = Math.max(cpu, resources.threads ?? needs.threads ?? cpu);
  // A file that says how much memory says it of all of it.
  const memoryPerInput = resources.memoryMiB === undefined ? needs.memoryPerInput : undefined;
  const demand = { cpu, threads, memoryMiB, gpu, ...(memoryPerInput ? { memoryPerInput } : {}) };
  return { demand, retries, timeoutMs };
}

import type { Catalogue } from '../core/declaration.ts';
import type { Step } from '../core/plan.ts';
import type { Capacity, Demand } from '../core/resources.ts';
import type { EngineIdentity } from '../core/trainable.ts';

/** Engines that compute on a graphics processor wherever they run; others name their device. */
const GPU_ENGINES: readonly string[] = ['webgpu'];

/** Does an engine compute on a graphics processor? */
export function computesOnGpu({ name, device }: EngineIdentity): boolean {
  return device === 'gpu' || GPU_ENGINES.includes(name);
}

/** Demands of nearly the same memory are one to the ledger. */
const MEMORY_GRAIN_MIB = 16;

/**
 * What a step takes on this run's engine. A step that computes tensors takes a GPU, or its share of one,
 * where the engine computes on one, and none where it does not.
 * @param inputBytes of the files that it reads of its inputs; 0 while these are not there.
 */
export function demandOf(step: Step, catalogue: Catalogue, engine: EngineIdentity, inputBytes = 0): Demand {
  const { memoryPerInput = 0, ...declared } = step.policy.demand;
  const byInput = Math.ceil((memoryPerInput * inputBytes) / 2 ** 20 / MEMORY_GRAIN_MIB) * MEMORY_GRAIN_MIB;
  const demand = { ...declared, memoryMiB: declared.memoryMiB + byInput };
  if (!catalogue.stages[step.uses].declaration.engine) return demand;
  return { ...demand, gpu: computesOnGpu(engine) ? demand.gpu || 1 : 0 };
}

export interface DemandCheck {
  readonly steps: readonly Step[];
  readonly catalogue: Catalogue;
  readonly engine: EngineIdentity;
  readonly capacity: Capacity;
}

/**
 * Steps that need more than there is. What can never be had is a problem; more memory than there is is
 * a note, since it is an estimate: such a step is executed when no other is.
 */
export function checkDemands({ steps, catalogue, engine, capacity }: DemandCheck): {
  problems: string[];
  notes: string[];
} {
  const problems = new Set<string>();
  const notes = new Set<string>();
  for (const step of steps) {
    const { cpu, memoryMiB, gpu } = demandOf(step, catalogue, engine);
    if (cpu > capacity.cpu)
      problems.add(
        `${step.key} needs ${count(cpu, 'core')} and there ${are(capacity.cpu, 'core')}: change its 'resources', or say how many by --cpus`,
      );
    if (gpu > capacity.gpus.length)
      problems.add(
        `${step.key} needs ${gpu < 1 ? `${gpu} of a GPU` : count(gpu, 'GPU')} and there ${are(capacity.gpus.length, 'GPU')}: change its 'resources', or say how many by --gpus`,
      );
    if (memoryMiB > capacity.memoryMiB)
      notes.add(
        `${step.key} asks for ${memoryMiB} MiB of memory and there are ${capacity.memoryMiB}: it is executed alone`,
      );
  }
  return { problems: [...problems], notes: [...notes] };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function are(number: number, what: string): string {
  return number === 1 ? `is 1 ${what}` : `are ${number === 0 ? 'no' : number} ${what}s`;
}

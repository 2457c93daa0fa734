/** What a step takes of the machine while it is executed. None of it enters a fingerprint. */
export interface Demand {
  /** Cores that it needs at least. */
  readonly cpu: number;
  /** The most cores that it can use: it gets more than `cpu` where nobody else needs them. */
  readonly threads: number;
  /** 0 where nobody said. */
  readonly memoryMiB: number;
  /** Memory besides, for each byte of the input files that it reads, bytes: the larger the data, the more. */
  readonly memoryPerInput?: number;
  /** GPUs that it has for itself: a whole number; or below 1 its share of one. */
  readonly gpu: number;
}

/** A share is counted in thousandths, so that ten tenths are one. */
const THOUSANDTHS = 1000;

/** A demand's GPUs in thousandths of one. */
export function gpuThousandths(gpu: number): number {
  return Math.round(gpu * THOUSANDTHS);
}

/** Is it a number of whole GPUs, or a share of one that can be counted? */
export function isGpuDemand(gpu: number): boolean {
  return Number.isInteger(gpu) ? gpu >= 0 : gpu > 0 && gpu < 1 && gpuThousandths(gpu) > 0;
}

export const GPU_HINT = 'whole GPUs, or a share of one from 0.001 to 0.999';

/** What a pipeline file may say of a step's demand, each in place of what its stage declares. */
export type DemandOverride = { readonly [resource in keyof Demand]?: number };

/** How a step is executed: nothing of it changes what comes out. */
export interface StepPolicy {
  readonly demand: Demand;
  /** How often a failed attempt is followed by another. */
  readonly retries: number;
  /** Of one attempt; null for no limit. */
  readonly timeoutMs: number | null;
}

/** What there is to share out among the steps of a run. */
export interface Capacity {
  readonly cpu: number;
  readonly memoryMiB: number;
  /** By the names that CUDA_VISIBLE_DEVICES would have. */
  readonly gpus: readonly string[];
}

/** What one execution was given. */
export interface Grant {
  /** Cores, as threads to use: from the demand's `cpu` to its `threads`. */
  readonly threads: number;
  readonly gpus: readonly string[];
}

import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Capacity } from '../core/resources.ts';

/** Where a machine says what a process may use; tests give their own. */
export interface Machine {
  readonly env: { readonly [name: string]: string | undefined };
  /** Cores of the machine, or those that the process is bound to. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** The content of a file of the system, or null. */
  readonly read: (path: string) => string | null;
  /** Names in a folder of the system; none where it is not there. */
  readonly list: (path: string) => readonly string[];
}

export interface CapacityOptions {
  /** In place of what is found. */
  readonly cpus?: number;
  readonly gpus?: number;
  /** Does the run's engine compute on a GPU? Then there is one, whatever else is found. */
  readonly engineOnGpu?: boolean;
}

/**
 * What this process may use: the cores it is bound to, less where a control group or a Slurm job allows
 * fewer; the memory of the machine, or of its control group; GPUs by CUDA_VISIBLE_DEVICES, Slurm, or the
 * driver's list.
 */
export function findCapacity(options: CapacityOptions = {}, machine: Machine = thisMachine()): Capacity {
  return {
    cpu: options.cpus ?? Math.max(1, Math.floor(Math.min(machine.cores, ...coreLimits(machine)))),
    memoryMiB: Math.floor(Math.min(machine.memoryBytes, ...memoryLimits(machine)) / 2 ** 20),
    gpus: findGpus(options, machine),
  };
}

function coreLimits({ env, read }: Machine): number[] {
  const [quota, period] = (read('/sys/fs/cgroup/cpu.max') ?? 'max').trim().split(/\s+/);
  const oldQuota = Number(read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us') ?? -1);
  const oldPeriod = Number(read('/sys/fs/cgroup/cpu/cpu.cfs_period_us') ?? 100_000);
  const limits = [Number(quota) / Number(period), oldQuota / oldPeriod, Number(env.SLURM_CPUS_PER_TASK)];
  return limits.filter((limit) => Number.isFinite(limit) && limit > 0);
}

function memoryLimits({ env, read }: Machine): number[] {
  const limits = [
    Number(read('/sys/fs/cgroup/memory.max') ?? Number.NaN),
    Number(read('/sys/fs/cgroup/memory/memory.limit_in_bytes') ?? Number.NaN),
    Number(env.SLURM_MEM_PER_NODE) * 2 ** 20,
  ];
  return limits.filter((limit) => Number.isFinite(limit) && limit > 0);
}

function findGpus({ gpus, engineOnGpu = false }: CapacityOptions, { env, list }: Machine): string[] {
  const visible = env.CUDA_VISIBLE_DEVICES ?? env.SLURM_STEP_GPUS ?? env.SLURM_JOB_GPUS;
  const named = visible?.split(',').map((name) => name.trim());
  // As CUDA reads it: what follows an invalid name, such as -1, does not count.
  const end = named?.findIndex((name) => name === '' || name.startsWith('-')) ?? -1;
  const found = end < 0 ? named : named!.slice(0, end);
  const names = found ?? list('/proc/driver/nvidia/gpus').map((_, index) => String(index));
  const wanted = gpus ?? Math.max(names.length, engineOnGpu ? 1 : 0);
  return Array.from({ length: wanted }, (_, index) => names[index] ?? String(index));
}

function thisMachine(): Machine {
  return {
    env: process.env,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    read(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return null; // another system, or no limit
      }
    },
    list(path) {
      try {
        return readdirSync(path);
      } catch {
        return [];
      }
    },
  };
}

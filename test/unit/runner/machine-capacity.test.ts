import { describe, expect, it } from 'vitest';
import { findCapacity, type Machine } from '../../../src/runner/machine-capacity.ts';

const GIB = 2 ** 30;
const machine = (more: Partial<Machine> & { files?: { [path: string]: string } } = {}): Machine => ({
  env: {},
  cores: 8,
  memoryBytes: 16 * GIB,
  read: (path) => more.files?.[path] ?? null,
  list: () => [],
  ...more,
});

describe('findCapacity', () => {
  it('is the machine, where nothing limits it', () => {
    expect(findCapacity({}, machine())).toEqual({ cpu: 8, memoryMiB: 16 * 1024, gpus: [] });
  });

  it('heeds the limits of a control group, of both versions', () => {
    const second = machine({
      files: { '/sys/fs/cgroup/cpu.max': '250000 100000\n', '/sys/fs/cgroup/memory.max': `${2 * GIB}\n` },
    });
    expect(findCapacity({}, second)).toMatchObject({ cpu: 2, memoryMiB: 2048 });
    const first = machine({
      files: {
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${GIB}`,
      },
    });
    expect(findCapacity({}, first)).toMatchObject({ cpu: 1, memoryMiB: 1024 });
  });

  it('takes no limit for what it is', () => {
    const files = {
      '/sys/fs/cgroup/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/memory.max': 'max\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
    };
    expect(findCapacity({}, machine({ files }))).toMatchObject({ cpu: 8, memoryMiB: 16 * 1024 });
  });

  it("heeds a Slurm job's share", () => {
    const env = { SLURM_CPUS_PER_TASK: '3', SLURM_MEM_PER_NODE: '4096', SLURM_JOB_GPUS: '2,3' };
    expect(findCapacity({}, machine({ env }))).toEqual({ cpu: 3, memoryMiB: 4096, gpus: ['2', '3'] });
  });

  it("finds GPUs by the driver's list, unless CUDA_VISIBLE_DEVICES says which", () => {
    const list = () => ['0000:01:00.0', '0000:02:00.0'];
    expect(findCapacity({}, machine({ list })).gpus).toEqual(['0', '1']);
    const hidden = machine({ list, env: { CUDA_VISIBLE_DEVICES: '' } });
    expect(findCapacity({}, hidden).gpus).toEqual([]);
    const chosen = machine({ list, env: { CUDA_VISIBLE_DEVICES: '1,-1,0' } });
    expect(findCapacity({}, chosen).gpus).toEqual(['1']);
  });

  it('takes what a person says for what there is', () => {
    expect(findCapacity({ cpus: 3, gpus: 2 }, machine())).toMatchObject({ cpu: 3, gpus: ['0', '1'] });
  });

  it('has one GPU where the engine found one to compute on', () => {
    expect(findCapacity({ engineOnGpu: true }, machine()).gpus).toEqual(['0']);
    expect(findCapacity({ engineOnGpu: true, gpus: 0 }, machine()).gpus).toEqual([]);
  });
});

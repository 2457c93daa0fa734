import { describe, expect, it } from 'vitest';
import type { Demand } from '../../../src/core/resources.ts';
import { checkDemands, demandOf } from '../../../src/runner/check-demands.ts';
import { FAKE_POLICY, fakeCatalogue, fakeDeclaration, fakePlan } from '../../support/fake-runner.ts';

const wasm = { name: 'wasm', version: '4', kernels: '' };
const [step] = fakePlan({ train: [] }).steps;
const withDemand = (demand: Partial<Demand>) => ({
  ...step,
  policy: { ...FAKE_POLICY, demand: { ...FAKE_POLICY.demand, ...demand } },
});
const check = (demand: Partial<Demand>) =>
  checkDemands({
    steps: [withDemand(demand), { ...withDemand(demand), id: 'train@seed=1' }],
    catalogue: fakeCatalogue(['train']),
    engine: wasm,
    capacity: { cpu: 2, memoryMiB: 100, gpus: [] },
  });

describe('checkDemands', () => {
  it('refuses more cores than there are, once for all points', () => {
    const { problems } = check({ cpu: 3, threads: 3 });
    expect(problems).toEqual([
      "train needs 3 cores and there are 2 cores: change its 'resources', or say how many by --cpus",
    ]);
  });

  it('refuses a GPU where there is none', () => {
    expect(check({ gpu: 1 }).problems).toEqual([
      "train needs 1 GPU and there are no GPUs: change its 'resources', or say how many by --gpus",
    ]);
  });

  it('refuses a share of a GPU where there is none', () => {
    expect(check({ gpu: 0.5 }).problems).toEqual([
      "train needs 0.5 of a GPU and there are no GPUs: change its 'resources', or say how many by --gpus",
    ]);
  });

  it('says that a step of too much memory is executed alone', () => {
    expect(check({ memoryMiB: 101 })).toEqual({
      problems: [],
      notes: ['train asks for 101 MiB of memory and there are 100: it is executed alone'],
    });
  });
});

describe('demandOf', () => {
  it('takes memory with the data, by 16 MiB', () => {
    const hungry = withDemand({ memoryMiB: 80, memoryPerInput: 2 });
    const of = (inputBytes?: number) => demandOf(hungry, fakeCatalogue(['train']), wasm, inputBytes);
    expect(of().memoryMiB).toBe(80);
    expect(of(1).memoryMiB).toBe(96);
    expect(of(100 * 2 ** 20).memoryMiB).toBe(80 + 208);
    expect(of()).not.toHaveProperty('memoryPerInput');
  });

  it('gives a step that computes tensors a GPU for itself where the engine computes on one', () => {
    const catalogue = fakeCatalogue(['train']);
    const { train } = catalogue.stages;
    const stages = { train: { ...train, declaration: fakeDeclaration('train', { engine: true }) } };
    const webgpu = { ...wasm, name: 'webgpu' };
    expect(demandOf(step, { ...catalogue, stages }, webgpu).gpu).toBe(1);
    const tensorflow = { ...wasm, name: 'tensorflow', device: 'gpu' };
    expect(demandOf(step, { ...catalogue, stages }, tensorflow).gpu).toBe(1);
    expect(demandOf(step, { ...catalogue, stages }, { ...tensorflow, device: 'cpu' }).gpu).toBe(0);
    expect(demandOf(step, { ...catalogue, stages }, wasm).gpu).toBe(0);
    expect(demandOf(step, catalogue, webgpu).gpu).toBe(0);
  });

  it('gives such a step its share of one, and none where the engine computes elsewhere', () => {
    const catalogue = fakeCatalogue(['train']);
    const { train } = catalogue.stages;
    const stages = { train: { ...train, declaration: fakeDeclaration('train', { engine: true }) } };
    const half = withDemand({ gpu: 0.5 });
    expect(demandOf(half, { ...catalogue, stages }, { ...wasm, name: 'webgpu' }).gpu).toBe(0.5);
    expect(demandOf(half, { ...catalogue, stages }, wasm).gpu).toBe(0);
  });
});

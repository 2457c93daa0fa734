import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  chooseEngine,
  type MeasuredWorkload,
} from '../../../../src/engine/auto/choose-engine.ts';
import type { Speed } from '../../../../src/engine/auto/speed-store.ts';

const SMALL: MeasuredWorkload = {
  workload: { stage: 'pretrain', parameters: { batch: 12 }, imageSize: [128, 128] },
  steps: 1,
};
const LARGE: MeasuredWorkload = {
  workload: { stage: 'pretrain', parameters: { batch: 256 }, imageSize: [128, 128] },
  steps: 1,
};
const works = (stepMs: number, error = 0.25): Speed => ({ status: 'works', stepMs, error });
const fails = (why: string): Speed => ({ status: 'fails', why });

function candidate(name: string, speeds: readonly Speed[], slots = 1): Candidate {
  return { engine: { name, version: '1', kernels: '' }, exact: name === 'wasm', slots, speeds };
}

/** Name of the engine taken, and why. */
function choose(candidates: readonly Candidate[], workloads: readonly MeasuredWorkload[] = [SMALL]) {
  const choice = chooseEngine(candidates, workloads);
  return 'problems' in choice ? choice : { name: choice.engine.name, why: choice.why };
}

describe('chooseEngine', () => {
  it('takes the exact engine where it is the fastest', () => {
    expect(choose([candidate('webgpu', [works(9)]), candidate('wasm', [works(3.5)])])).toEqual({
      name: 'wasm',
      why: 'exact, and the fastest here (a step of pretrain of 128×128, batch 12: wasm 3.5 ms, webgpu 9.0 ms)',
    });
  });

  it('leaves the exact engine for one that is twice as fast, and not for one that is nearly so', () => {
    expect(choose([candidate('wasm', [works(10)]), candidate('webgpu', [works(5)])])).toEqual({
      name: 'webgpu',
      why: '2.0 times as fast as wasm here (a step of pretrain of 128×128, batch 12: webgpu 5.0 ms, wasm 10 ms)',
    });
    expect(choose([candidate('wasm', [works(9.9)]), candidate('webgpu', [works(5)])])).toMatchObject({
      name: 'wasm',
      why: expect.stringContaining('webgpu is 2.0 times as fast here, and is taken from 2 times on'),
    });
  });

  it('counts that cores train side by side where a GPU trains one step after the other', () => {
    const many = [{ ...SMALL, steps: 8 }];
    const gpu = candidate('webgpu', [works(1)]);
    expect(choose([candidate('wasm', [works(4)], 8), gpu], many)).toMatchObject({
      name: 'wasm',
      why: expect.stringContaining('wasm 4.0 ms, 8 at a time, webgpu 1.0 ms'),
    });
    expect(choose([candidate('wasm', [works(4)], 8), gpu])).toMatchObject({ name: 'webgpu' });
  });

  it('adds up several networks by how many steps train each', () => {
    const wasm = candidate('wasm', [works(3), works(80)]);
    const gpu = candidate('webgpu', [works(10), works(12)]);
    expect(choose([wasm, gpu], [{ ...SMALL, steps: 20 }, LARGE])).toMatchObject({ name: 'wasm' });
    expect(choose([wasm, gpu], [SMALL, { ...LARGE, steps: 20 }])).toMatchObject({
      name: 'webgpu',
      why: expect.stringContaining('webgpu 10 and 12 ms, wasm 3.0 and 80 ms'),
    });
  });

  it('never takes an engine that failed, and says how', () => {
    expect(choose([candidate('wasm', [works(10)]), candidate('webgpu', [fails('it hung')])])).toEqual({
      name: 'wasm',
      why: 'the only one that works here (a step of pretrain of 128×128, batch 12: wasm 10 ms); webgpu does not work here: it hung',
    });
    const half = candidate('webgpu', [works(1), fails('it hung')]);
    expect(choose([candidate('wasm', [works(10), works(90)]), half], [SMALL, LARGE])).toMatchObject({
      name: 'wasm',
      why: expect.stringContaining('webgpu does not work here (pretrain of 128×128, batch 256): it hung'),
    });
  });

  it('never takes an engine that computes something else than the exact one', () => {
    expect(
      choose([candidate('wasm', [works(10, 0.25)]), candidate('webgpu', [works(1, 0.26)])]),
    ).toMatchObject({
      name: 'wasm',
      why: expect.stringContaining("computes something else here: its error is 0.26, wasm's 0.25"),
    });
    expect(
      choose([candidate('wasm', [works(10, 0.25)]), candidate('webgpu', [works(1, 0.25 + 1e-6)])]),
    ).toMatchObject({ name: 'webgpu' });
  });

  it('takes the fastest where the exact engine is not among those that work', () => {
    expect(choose([candidate('tensorflow', [works(4)]), candidate('webgpu', [works(3)])])).toMatchObject({
      name: 'webgpu',
      why: expect.stringMatching(/^the fastest here/),
    });
  });

  it('says what is wrong with each where none works', () => {
    expect(
      choose([candidate('wasm', [fails('no memory')]), candidate('webgpu', [fails('it hung')])]),
    ).toEqual({
      problems: ['wasm does not work here: no memory', 'webgpu does not work here: it hung'],
    });
  });
});

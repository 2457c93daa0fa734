import { describe, expect, it } from 'vitest';
import type { FingerprintFields } from '../../../src/core/artifact.ts';
import { staleReasons } from '../../../src/runner/staleness.ts';
import { fakePlan } from '../../support/fake-runner.ts';

const [, step] = fakePlan({ a: [], b: ['a'] }).steps;
const positioned = { ...step, positions: { gamma: { file: 'x.yaml', line: 7, column: 3, length: 5 } } };
const fields: FingerprintFields = {
  stage: 'b',
  code: 'code-1',
  parameters: { gamma: 0.01, clusters: 3 },
  seed: null,
  engine: null,
  inputs: { a: { 'out.txt': 'aaaaaaaaaaaa' } },
  sources: {},
};
const codeModules = [{ name: 'src/b.ts', digest: 'one' }];
const against = (earlier: Partial<FingerprintFields>, modules = codeModules) =>
  staleReasons({
    step: positioned,
    fields,
    codeModules,
    earlier: { fields: { ...fields, ...earlier }, codeModules: modules },
  });

describe('staleReasons', () => {
  it('says that a step was never made', () => {
    expect(staleReasons({ step, fields, codeModules, earlier: null })).toEqual([
      { code: 'never-made', field: 'b' },
    ]);
  });

  it('finds nothing where nothing differs', () => {
    expect(against({})).toEqual([]);
  });

  it('names a changed parameter with both values and its place in the file', () => {
    expect(against({ parameters: { gamma: 0.1, clusters: 3 } })).toEqual([
      { code: 'parameter-changed', field: 'gamma', from: '0.1', to: '0.01', place: 'x.yaml:7' },
    ]);
  });

  it('names a parameter that is new', () => {
    expect(against({ parameters: { gamma: 0.01 } })).toEqual([
      { code: 'parameter-changed', field: 'clusters', to: '3' },
    ]);
  });

  it('names the file of the code that changed', () => {
    expect(against({ code: 'code-0' }, [{ name: 'src/b.ts', digest: 'zero' }])).toEqual([
      { code: 'code-changed', field: 'src/b.ts', from: 'zero', to: 'one' },
    ]);
  });

  it('names the input, the step it comes from and the file that changed', () => {
    expect(against({ inputs: { a: { 'out.txt': 'bbbbbbbbbbbb' } } })).toEqual([
      { code: 'input-changed', field: 'a (a): out.txt', from: 'bbbbbbbb', to: 'aaaaaaaa' },
    ]);
  });

  it('names the engine with its version', () => {
    expect(against({ engine: { name: 'tensorflow', version: '2.9', kernels: '' } })).toEqual([
      { code: 'engine-changed', field: 'engine', from: 'tensorflow 2.9', to: 'none' },
    ]);
  });

  it('gives every reason, in the order in which people look for them', () => {
    const codes = against({ parameters: {}, seed: 's', code: 'x' }, []).map(({ code }) => code);
    expect(codes).toEqual(['parameter-changed', 'parameter-changed', 'seed-changed', 'code-changed']);
  });
});

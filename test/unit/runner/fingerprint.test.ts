import { describe, expect, it } from 'vitest';
import type { OutputFile } from '../../../src/core/artifact.ts';
import { inputBytes } from '../../../src/runner/fingerprint.ts';
import { fakeCatalogue, fakeDeclaration, fakePlan } from '../../support/fake-runner.ts';

const file = (path: string, sizeBytes: number): OutputFile => ({ path, digest: path, sizeBytes });
const outputs: { readonly [step: string]: readonly OutputFile[] } = {
  a: [file('out.txt', 10), file('log.txt', 1000)],
  b: [file('out.txt', 5), file('parts/1', 7), file('parts/2', 8)],
};
const outputsOf = (step: string) => outputs[step] ?? null;

describe('inputBytes', () => {
  const { stages } = fakeCatalogue(['c']);
  const plan = fakePlan({ a: [], b: [], c: ['a', 'b'] });
  const step = plan.steps.find(({ id }) => id === 'c')!;

  it('counts the files that a step reads, and no others', () => {
    expect(inputBytes({ step, entry: stages.c, outputsOf })).toBe(15);
    const declaration = fakeDeclaration('c', {
      anyInputs: { description: 'any', kind: 'text', reads: ['parts/'] },
    });
    expect(inputBytes({ step, entry: { ...stages.c, declaration }, outputsOf })).toBe(15);
  });

  it('counts every member of a collected input, and nothing for one that is missing', () => {
    const members = ['a', 'b', 'gone'].map((from) => ({ step: from, point: {} }));
    const collecting = {
      ...step,
      inputs: { all: { kind: 'collected' as const, members, missing: 'allow' as const } },
    };
    expect(inputBytes({ step: collecting, entry: stages.c, outputsOf })).toBe(15);
  });
});

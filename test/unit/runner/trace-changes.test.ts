import { describe, expect, it } from 'vitest';
import type { ArtifactRecord, FingerprintFields } from '../../../src/core/artifact.ts';
import { type RecordSource, traceChanges } from '../../../src/runner/trace-changes.ts';

interface Made {
  readonly fields?: Partial<FingerprintFields>;
  readonly modules?: { readonly [name: string]: string };
  readonly from?: { readonly [input: string]: string };
}

/** Objects `step:version`; what an input reads is the digest given by the maker's version. */
function lineageOf(objects: { readonly [fingerprint: string]: Made }): RecordSource {
  return {
    record: (fingerprint) => {
      const made = objects[fingerprint];
      if (!made) return null;
      const inputs = Object.fromEntries(
        Object.entries(made.from ?? {}).map(([name, maker]) => [name, { 'a.npy': maker }]),
      );
      const code = JSON.stringify(made.modules ?? {});
      return {
        stepId: fingerprint.split(':')[0],
        fields: {
          stage: 's',
          code,
          parameters: {},
          seed: null,
          engine: null,
          sources: {},
          inputs,
          ...made.fields,
        },
        codeModules: Object.entries(made.modules ?? {}).map(([name, digest]) => ({ name, digest })),
      } as unknown as ArtifactRecord;
    },
    upstream: (fingerprint) =>
      Object.entries(objects[fingerprint]?.from ?? {}).map(([input, maker]) => ({
        input,
        point: null,
        fingerprint: maker in objects ? maker : null,
      })),
  };
}

const trace = (source: RecordSource, earlier: string, later: string) =>
  traceChanges({ earlier, later, source, nameOf: () => null, positionsOf: () => ({}) });

describe('traceChanges', () => {
  it('names the parameter of the step that it was changed in, not the inputs that followed from it', () => {
    const source = lineageOf({
      'train:1': { fields: { parameters: { gamma: 0.01 } } },
      'train:2': { fields: { parameters: { gamma: 0.02 } } },
      'evaluate:1': { from: { model: 'train:1' } },
      'evaluate:2': { from: { model: 'train:2' } },
    });
    expect(trace(source, 'evaluate:1', 'evaluate:2')).toEqual([
      { stepId: 'train', code: 'parameter-changed', field: 'gamma', from: '0.01', to: '0.02' },
    ]);
  });

  it('names each code file once, along every way it came', () => {
    const source = lineageOf({
      'base:1': { modules: { 'src/a.ts': '11111111', 'src/b.ts': '2' } },
      'base:2': { modules: { 'src/a.ts': '33333333', 'src/b.ts': '2' } },
      'left:1': { from: { x: 'base:1' } },
      'left:2': { from: { x: 'base:2' } },
      'right:1': { from: { x: 'base:1' } },
      'right:2': { from: { x: 'base:2' } },
      'end:1': { from: { l: 'left:1', r: 'right:1' }, fields: { seed: 'aa' } },
      'end:2': { from: { l: 'left:2', r: 'right:2' }, fields: { seed: 'bb' } },
    });
    expect(trace(source, 'end:1', 'end:2').map(({ stepId, code, field }) => [stepId, code, field])).toEqual([
      ['base', 'code-changed', 'src/a.ts'],
      ['end', 'seed-changed', 'seed'],
    ]);
  });

  it('tells of an input itself where nobody knows who made it', () => {
    const source = lineageOf({
      'end:1': { from: { x: 'lost:1' } },
      'end:2': { from: { x: 'lost:2' } },
    });
    expect(trace(source, 'end:1', 'end:2')).toMatchObject([{ code: 'input-changed', field: 'x: a.npy' }]);
  });

  it('stops where an input is as it was', () => {
    const same = { 'a.npy': 'd' };
    const source = lineageOf({
      'base:1': { fields: { parameters: { p: 1 } } },
      'base:2': { fields: { parameters: { p: 2 } } },
      'end:1': { from: { x: 'base:1' }, fields: { inputs: { x: same }, seed: 'a' } },
      'end:2': { from: { x: 'base:2' }, fields: { inputs: { x: same }, seed: 'b' } },
    });
    expect(trace(source, 'end:1', 'end:2').map(({ code }) => code)).toEqual(['seed-changed']);
  });
});

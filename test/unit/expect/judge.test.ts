import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Bounds, Expectation, FileRequirement } from '../../../src/core/expectation.ts';
import type { Check, FactsOf, Verdict } from '../../../src/expect/check.ts';
import { judge } from '../../../src/expect/judge.ts';
import { writeNpy } from '../../../src/formats/npy.ts';
import { writePng } from '../../../src/formats/png.ts';
import { writeSafetensors } from '../../../src/formats/safetensors.ts';
import { temporaryFolder } from '../../support/clade.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

const put = (folder: string, path: string, content: Uint8Array | string) => {
  mkdirSync(dirname(join(place.path, folder, path)), { recursive: true });
  writeFileSync(join(place.path, folder, path), content);
};
const npy = (values: readonly number[], shape: readonly number[]) =>
  writeNpy({ data: Float32Array.from(values), shape });
const png = (value: number, spot = value) =>
  writePng({
    pixels: Uint8Array.from({ length: 64 }, (_, at) => (at === 9 ? spot : value)),
    height: 8,
    width: 8,
  });
const tensors = (bias: number) =>
  writeSafetensors({
    tensors: new Map([
      ['weight', { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }],
      ['bias', { data: Float32Array.of(bias), shape: [1] }],
    ]),
    metadata: {},
  });

const FILES: { readonly [path: string]: Uint8Array | string } = {
  'a.npy': npy([0, 0.5, 1, Number.NaN], [2, 2]),
  'set/1.npy': npy([0, 1], [2]),
  'set/2.npy': npy([0, 2], [2]),
  't.csv': 'name,loss\na,0.5\nb,\n',
  'p.png': png(100),
  'm.safetensors': tensors(5),
  'j.json': '{"a":{"b":[1,2.5]},"c":"x"}',
  'n.txt': 'one\ntwo\n',
  'b.bin': Uint8Array.of(0, 1, 2, 2),
};
for (const [path, content] of Object.entries(FILES)) put('object', path, content);

const facts: FactsOf = (stepId) => {
  if (stepId === 'failed') return { missing: 'the step failed (bad-input): no' };
  const acc = { s0: 0.6, s1: 0.7, s2: 0.8 }[stepId] ?? 0.5;
  return {
    fingerprint: stepId,
    metrics: [{ name: 'acc', split: 'test', value: acc, better: 'higher' }],
    folder: join(place.path, 'object'),
    outputs: Object.keys(FILES).map((path) => ({ path, digest: '', sizeBytes: 1 })),
  };
};
const golden = {
  pathOf: (name: string | true, _: string, file: string) =>
    join(place.path, 'golden', name === true ? file : name),
  read: async (path: string) => {
    const { readFile } = await import('node:fs/promises');
    return readFile(path).catch(() => null);
  },
};
const placed = { path: [], position: { file: 'p.yaml', line: 1, column: 1, length: 1 }, where: null };
const judgeOne = (expectation: Expectation, steps: readonly string[] = ['s0']): Promise<Verdict> =>
  judge({ expectation, steps, title: '' } satisfies Check, { factsOf: facts, golden });
const metric = (bounds: Bounds, name = 'test.acc', step = 's0') =>
  judgeOne({ ...placed, kind: 'metric', step, metric: name, bounds }, [step]);
const over = (
  statistic: 'mean' | 'sd' | 'minimum' | 'maximum' | 'each',
  bounds: Bounds,
  steps = ['s0', 's1', 's2'],
) =>
  judgeOne(
    { ...placed, kind: 'statistic', step: 'e', metric: 'test.acc', over: ['seed'], statistic, bounds },
    steps,
  );
const file = (path: string, requirement: FileRequirement) =>
  judgeOne({ ...placed, kind: 'file', step: 's0', file: path, requirement });

describe('a metric', () => {
  it.each<[Bounds, boolean]>([
    [{ atLeast: 0.6 }, true],
    [{ atLeast: 0.61 }, false],
    [{ atMost: 0.6 }, true],
    [{ atMost: 0.59 }, false],
    [{ between: [0.5, 0.7] }, true],
    [{ between: [0.61, 0.7] }, false],
    [{ of: 0.65, within: 0.06 }, true],
    [{ of: 0.65, within: 0.04 }, false],
    [{ of: 0.65, sd: 0.03, withinSd: 2 }, true],
    [{ of: 0.65, sd: 0.02, withinSd: 2 }, false],
    [{ of: null, within: 1 }, false],
    [{ of: 0.6, sd: null, withinSd: 1 }, false],
    [{ atLeast: 0.5, of: 0.65, within: 0.01 }, false],
  ])('of 0.6 against %j: %s', async (bounds, ok) => {
    expect((await metric(bounds)).ok).toBe(ok);
  });

  it('that is not there fails, and those that are there are named', async () => {
    const verdict = await metric({ atLeast: 0 }, 'test.nmi');
    expect(verdict).toMatchObject({ ok: false, got: "no metric 'test.nmi': the step measured test.acc" });
  });

  it('of a step that failed fails with its reason', async () => {
    expect((await metric({ atLeast: 0 }, 'test.acc', 'failed')).got).toContain('bad-input');
  });

  it('at no point at all fails', async () => {
    const check = {
      ...placed,
      kind: 'metric' as const,
      step: 's0',
      metric: 'test.acc',
      bounds: { atLeast: 0 },
    };
    expect((await judgeOne(check, [])).ok).toBe(false);
  });
});

describe('a statistic over an axis', () => {
  // Of 0.6, 0.7, 0.8: mean 0.7, sample standard deviation 0.1.
  it.each<[Parameters<typeof over>[0], Bounds, boolean]>([
    ['mean', { of: 0.7, within: 0.001 }, true],
    ['mean', { of: 0.75, within: 0.04 }, false],
    ['mean', { of: 0.75, sd: 0.03, withinSd: 2 }, true],
    ['sd', { between: [0.0999, 0.1001] }, true],
    ['sd', { atMost: 0.09 }, false],
    ['minimum', { atLeast: 0.6 }, true],
    ['minimum', { atLeast: 0.61 }, false],
    ['maximum', { atMost: 0.8 }, true],
    ['maximum', { atMost: 0.79 }, false],
    ['each', { atLeast: 0.6 }, true],
    ['each', { atLeast: 0.65 }, false],
  ])('%s against %j: %s', async (statistic, bounds, ok) => {
    expect((await over(statistic, bounds)).ok).toBe(ok);
  });

  it('names the points whose value is missing', async () => {
    const verdict = await over('mean', { atLeast: 0 }, ['s0', 'failed']);
    expect(verdict).toMatchObject({ ok: false, got: '1 of 2 values are missing' });
    expect(verdict.details[0]).toMatch(/^failed: /);
  });

  it('of a single value has no standard deviation', async () => {
    expect((await over('sd', { atLeast: 0 }, ['s0'])).ok).toBe(false);
  });
});

describe('a file', () => {
  it.each<[string, FileRequirement, boolean]>([
    ['a.npy', { is: 'present', present: true }, true],
    ['a.npy', { is: 'present', present: false }, false],
    ['b.npy', { is: 'present', present: false }, true],
    ['b.npy', { is: 'shape', tensor: null, shape: [] }, false],
    ['a.npy', { is: 'shape', tensor: null, shape: [2, 2] }, true],
    ['a.npy', { is: 'shape', tensor: null, shape: [null, 2] }, true],
    ['a.npy', { is: 'shape', tensor: null, shape: [2] }, false],
    ['a.npy', { is: 'dtype', tensor: null, dtype: 'float32' }, true],
    ['a.npy', { is: 'dtype', tensor: null, dtype: 'float64' }, false],
    ['set/*.npy', { is: 'values', tensor: null, bounds: { between: [0, 2] } }, true],
    ['set/*.npy', { is: 'values', tensor: null, bounds: { between: [0, 1] } }, false],
    ['m.safetensors', { is: 'shape', tensor: 'weight', shape: [2, 2] }, true],
    ['m.safetensors', { is: 'dtype', tensor: 'weight', dtype: 'float32' }, true],
    ['m.safetensors', { is: 'shape', tensor: 'nobody', shape: [2, 2] }, false],
    ['t.csv', { is: 'rows', bounds: { between: [2, 2] } }, true],
    ['t.csv', { is: 'rows', bounds: { atLeast: 3 } }, false],
    ['t.csv', { is: 'columns', columns: ['name', 'loss'] }, true],
    ['t.csv', { is: 'columns', columns: ['loss', 'name'] }, false],
    ['t.csv', { is: 'column', column: 'loss', bounds: null }, true],
    ['t.csv', { is: 'column', column: 'lost', bounds: null }, false],
    // sha256sum of 'one\ntwo\n'
    ['n.txt', { is: 'digest', digest: 'cafc2d23' }, false],
  ])('%s against %j: %s', async (path, requirement, ok) => {
    expect((await file(path, requirement)).ok).toBe(ok);
  });

  it('with NaN in it has no bounds, and the place is named', async () => {
    const verdict = await file('a.npy', { is: 'values', tensor: null, bounds: { atLeast: 0 } });
    expect(verdict).toMatchObject({ ok: false });
    expect(verdict.got).toContain('1 of 4 values from 0 to 1 outside, the first NaN at [1, 1]');
  });

  it('with an empty field where a number is expected fails', async () => {
    const verdict = await file('t.csv', { is: 'column', column: 'loss', bounds: { atLeast: 0 } });
    expect(verdict.got).toBe("1 of 2 values outside, the first '' in line 3");
  });

  it('that no output matches fails, and the outputs are named', async () => {
    expect((await file('x/*.npy', { is: 'present', present: true })).got).toContain('the step made a.npy');
  });

  it('that is not what its name says fails with what it is', async () => {
    expect((await file('n.txt', { is: 'shape', tensor: null, shape: [] })).got).toContain('not an NPY file');
  });
});

describe('a golden file', () => {
  const held = (path: string, before: Uint8Array | string, tolerance: object = {}) => {
    put('golden', path, before);
    return file(path, { is: 'golden', golden: true, ...tolerance });
  };

  it('that is not there yet fails, and says what is to be copied', async () => {
    const verdict = await file('t.csv', { is: 'golden', golden: 'none.csv' });
    expect(verdict.ok).toBe(false);
    expect(verdict.outdated).toEqual([
      { golden: join(place.path, 'golden/none.csv'), from: join(place.path, 'object/t.csv') },
    ]);
  });

  it('of the same bytes holds, whatever they are', async () => {
    for (const [path, content] of Object.entries(FILES))
      expect((await held(path, content)).ok, path).toBe(true);
  });

  it.each<[string, Uint8Array | string, object, boolean, string]>([
    ['a.npy', npy([0, 0.5, 0.75, Number.NaN], [2, 2]), { within: 0.25 }, true, ''],
    [
      'a.npy',
      npy([0, 0.5, 0.5, Number.NaN], [2, 2]),
      { within: 0.25 },
      false,
      '1 of 4 values differ, most 0.5 → 1 at [1, 0]',
    ],
    ['a.npy', npy([0, 0.5, 1, 0], [2, 2]), { within: 9 }, false, '0 → NaN at [1, 1]'],
    ['a.npy', npy([0, 0.5, 1, 0], [4]), { within: 9 }, false, 'shape [2, 2] instead of [4]'],
    ['m.safetensors', tensors(5.5), { within: 0.5 }, true, ''],
    ['m.safetensors', tensors(5.5), { within: 0.4 }, false, '1 of 2 tensors differ'],
    ['t.csv', 'name,loss\na,0.51\nb,\n', { within: 0.011 }, true, ''],
    ['t.csv', 'name,loss\na,0.51\nb,\n', {}, false, '1 fields differ'],
    ['t.csv', 'name,loss\na,0.5\nb,0\n', { within: 1 }, false, '1 fields differ'],
    ['t.csv', 'name,loss\na,0.5\n', { within: 1 }, false, '2 rows instead of 1'],
    ['t.csv', 'name\na\nb\n', { within: 1 }, false, 'instead of name'],
    ['j.json', '{"c":"x","a":{"b":[1,2.4]}}', { within: 0.11 }, true, ''],
    ['j.json', '{"c":"y","a":{"b":[1]}}', { within: 0.11 }, false, '2 values differ'],
    ['n.txt', 'one\ntoo\n', {}, false, 'another text from line 2 on'],
    ['b.bin', Uint8Array.of(0, 1, 3, 2), {}, false, 'other bytes from byte 3 on'],
    ['b.bin', Uint8Array.of(0, 1), {}, false, 'from byte 3 on, 4 instead of 2'],
    ['p.png', png(101), {}, false, 'the largest 1'],
    ['p.png', png(101), { maxDifference: 1 }, true, ''],
    ['p.png', png(100, 255), { maxDifference: 100 }, false, 'the largest 155'],
    ['p.png', png(100, 255), { meanDifference: 2 }, true, ''],
    // 3 of 4 channels of 1 of 64 pixels differ by 155.
    ['p.png', png(100, 255), { meanDifference: 1.8 }, false, 'a mean difference of 1.82'],
    ['p.png', png(100, 255), { differingPixels: 0.01 }, false, '0.0156 of the pixels'],
    ['p.png', png(100, 255), { differingPixels: 0.02 }, true, ''],
  ])('%s, changed, with %j × %s', async (path, before, tolerance, ok, got) => {
    const verdict = await held(path, before, tolerance);
    expect(verdict.got).toContain(got);
    expect(verdict.ok).toBe(ok);
  });
});

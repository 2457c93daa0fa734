import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeJsonFile } from '../../../src/formats/artifact-file.ts';
import declaration from '../../../src/stages/summarise/declaration.ts';
import run from '../../../src/stages/summarise/run.ts';
import { failureOf, makeTempFolder, runStage, type StageTrial } from '../../support/stage-context.ts';
import { filesOf, textOf, undeclared } from './stage-files.ts';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = makeTempFolder());
});
afterEach(() => remove());

interface Point {
  readonly [axis: string]: number;
}

/** One artifact a point, with its accuracy and loss. */
async function collect(input: string, points: readonly { point: Point; acc: number; kl?: number }[]) {
  const collected = [];
  for (const [index, { point, acc, kl = 0.00171 }] of points.entries()) {
    const place = join(folder, `${input}-${index}`);
    await writeJsonFile(place, 'metrics.json', {
      format: 1,
      metrics: [
        { name: 'acc', split: 'test', value: acc, better: 'higher' },
        { name: 'kl', split: 'train', value: kl, better: 'lower' },
      ],
    });
    collected.push({ point, folder: place });
  }
  return collected;
}

const summarise = (inputs: StageTrial['inputs'], params: StageTrial['params'] = {}) =>
  runStage({ declaration, run }, join(folder, 'out'), { inputs, params });

const lines = (out: string, file: string) => textOf(out, file).trim().split('\n');

it('gives mean and standard deviation over seeds, a row for each other point', async () => {
  const dec = await collect('dec', [
    { point: { d: 3, seed: 0 }, acc: 0.6 },
    { point: { d: 3, seed: 1 }, acc: 0.7 },
    { point: { d: 10, seed: 0 }, acc: 0.5 },
    { point: { d: 10, seed: 1 }, acc: 0.5 },
  ]);
  const { out, notes } = await summarise({ dec });
  // sd of 0.6 and 0.7 with n − 1: 0.1 / √2
  expect(lines(out, 'table.md').slice(2, 4)).toEqual([
    '| dec | 3 | 2 | 0.650 ± 0.071 | 0.00171 ± 0.00000 |',
    '| dec | 10 | 2 | 0.500 ± 0.000 | 0.00171 ± 0.00000 |',
  ]);
  expect(lines(out, 'table.csv')[0]).toBe('step,d,n,test.acc.mean,test.acc.sd,train.kl.mean,train.kl.sd');
  expect(lines(out, 'points.csv').length).toBe(1 + 4);
  expect(notes).toEqual([]);
  expect(undeclared(declaration, out)).toEqual([]);
});

it('counts an artifact once that does not depend on an axis, and leaves that axis empty', async () => {
  const cae = await collect('cae', [{ point: { seed: 0 }, acc: 0.6 }]);
  const dcec = await collect('dcec', [{ point: { gamma: 0.1, seed: 0 }, acc: 0.7 }]);
  const { out } = await summarise({ cae, dcec });
  expect(lines(out, 'points.csv').slice(1)).toEqual(['cae,0,,0.6,0.00171', 'dcec,0,0.1,0.7,0.00171']);
  expect(lines(out, 'table.md').slice(2, 4)).toEqual([
    '| cae |  | 1 | 0.600 | 0.00171 |',
    '| dcec | 0.1 | 1 | 0.700 | 0.00171 |',
  ]);
});

it('writes a booktabs table that LaTeX can read', async () => {
  const cae = await collect('cae', [{ point: {}, acc: 0.6 }]);
  const { out } = await summarise({ 'k-means_&_CAE': cae }, { caption: '100 % of it' });
  const text = textOf(out, 'table.tex');
  expect(text).toContain('\\caption{100 \\% of it}');
  expect(text).toContain('    k-means\\_\\&\\_CAE & 1 & 0.600 & 0.00171 \\\\');
  expect(text.match(/\\(top|mid|bottom)rule/g)).toEqual(['\\toprule', '\\midrule', '\\bottomrule']);
});

it('draws the first metric against an axis, a line for each other value', async () => {
  const dcec = await collect('dcec', [
    { point: { d: 3, gamma: 0.1, seed: 0 }, acc: 0.6 },
    { point: { d: 10, gamma: 0.1, seed: 0 }, acc: 0.7 },
    { point: { d: 3, gamma: 1, seed: 0 }, acc: 0.5 },
    { point: { d: 10, gamma: 1, seed: 0 }, acc: 0.4 },
  ]);
  const { out } = await summarise({ dcec }, { axis: 'd' });
  expect(filesOf(out)).toContain('against-axis.png');
  expect(textOf(out, 'against-axis.svg')).toContain('dcec, gamma=1');
});

it('fails on an axis that no point has, and on metrics that no input has', async () => {
  const dec = await collect('dec', [{ point: { d: 3 }, acc: 0.6 }]);
  expect(await failureOf(summarise({ dec }, { axis: 'gamma' }))).toEqual({
    reason: 'bad-parameter',
    message: "axis: no point lies on 'gamma'; the inputs depend on d",
  });
  expect((await failureOf(summarise({ dec }, { metrics: ['f1'] }))).reason).toBe('bad-parameter');
});

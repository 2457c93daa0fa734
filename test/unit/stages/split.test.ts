import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { readDataset, SPLIT_NAMES } from '../../../src/formats/dataset.ts';
import { writeImageSet } from '../../../src/formats/image-set.ts';
import { writeColumn, writeIndex, writeLabels } from '../../../src/formats/tables.ts';
import { assignByRatios, byLargestRemainder } from '../../../src/stages/split/assign-splits.ts';
import declaration from '../../../src/stages/split/declaration.ts';
import run from '../../../src/stages/split/run.ts';
import { failureOf, makeTempFolder, runStage, type StageTrial } from '../../support/stage-context.ts';
import { textOf, undeclared } from './stage-files.ts';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = makeTempFolder());
});
afterEach(() => remove());

interface Item {
  readonly id: string;
  readonly subject: string | null;
  readonly label?: string;
  readonly column?: string;
}

/** Pictures of 1×2 pixels, values 0 and 0.1 · (1 + row). */
async function makeInputs(items: readonly Item[], indexed = items): Promise<{ [name: string]: string }> {
  const input = join(folder, 'input');
  await writeImageSet(
    input,
    items.map(({ id, subject }, row) => {
      const pixels = Float32Array.of(0, (1 + row) / 10);
      return { id, subject, pixels, height: 1, width: 2, maxValue: 1, spacing: null };
    }),
  );
  await writeIndex(input, indexed);
  await writeLabels(input, new Map(indexed.map(({ id, label }) => [id, label ?? 'A'])));
  await writeColumn(input, 'fold', new Map(indexed.map(({ id, column }) => [id, column ?? ''])));
  return { images: input, index: input, labels: input };
}

async function split(items: readonly Item[], params: StageTrial['params'], indexed?: readonly Item[]) {
  const inputs = await makeInputs(items, indexed);
  const given = params?.stratify ? inputs : { images: inputs.images, index: inputs.index };
  return runStage({ declaration, run }, join(folder, 'out'), { params, inputs: given });
}

/** `count` subjects with two slices each. */
const subjects = (count: number, label = 'A'): Item[] =>
  Array.from({ length: count }, (_, index) =>
    [0, 1].map((slice) => ({ id: `${label}${index}-${slice}`, subject: `${label}${index}`, label })),
  ).flat();

const splitsOf = async (out: string) => {
  const { splits } = await readDataset(out, SPLIT_NAMES);
  return SPLIT_NAMES.map((name) => splits[name].subjects);
};

describe('split by subject', () => {
  it('keeps the slices of a subject together, in numbers by largest remainder', async () => {
    const { out } = await split(subjects(10), { by: 'subject', ratios: [70, 10, 20] });
    const [train, val, test] = await splitsOf(out);
    expect([train, val, test].map((members) => new Set(members).size)).toEqual([7, 1, 2]);
    expect([train, val, test].map((members) => members.length)).toEqual([14, 2, 4]);
    expect(textOf(out, 'leaks.csv')).toBe('subject,train,val,test\n');
    expect(undeclared(declaration, out)).toEqual([]);
  });

  it('gives every split some of each class where it is stratified', async () => {
    const items = [...subjects(3, 'A'), ...subjects(7, 'B')];
    const { out } = await split(items, { by: 'subject', stratify: true });
    for (const members of await splitsOf(out)) {
      const classes = new Set(members.map((subject) => subject![0]));
      expect(classes).toEqual(new Set(['A', 'B']));
    }
  });

  it('fails by name where there are fewer subjects than splits', async () => {
    const failure = await failureOf(split(subjects(2), { by: 'subject' }));
    expect(failure.reason).toBe('too-few-units');
    expect(failure.message).toMatch(/^2 subjects cannot be split into train, val, test/);
    const items = [...subjects(4, 'A'), ...subjects(2, 'B')];
    const stratified = await failureOf(split(items, { by: 'subject', stratify: true }));
    expect(stratified.message).toMatch(/^2 subjects of class 'B'/);
  });

  it('fails where subjects are unknown', async () => {
    const items = subjects(4).map(({ id }) => ({ id, subject: null }));
    expect((await failureOf(split(items, { by: 'subject' }))).reason).toBe('bad-input');
  });

  it('goes on without the items that were dropped on the way', async () => {
    const all = subjects(5);
    const { out } = await split(all.slice(1), { by: 'subject' }, all);
    expect((await splitsOf(out)).flat().length).toBe(9);
  });

  it('is decided by its own seed', async () => {
    const first = await split(subjects(12), { by: 'subject', seed: 0 });
    const before = await splitsOf(first.out);
    expect(await splitsOf((await split(subjects(12), { by: 'subject', seed: 0 })).out)).toEqual(before);
    expect(await splitsOf((await split(subjects(12), { by: 'subject', seed: 1 })).out)).not.toEqual(before);
  });
});

describe('split by slice', () => {
  it('finds subjects that are in several splits, and says so', async () => {
    const { out, notes } = await split(subjects(1).concat(subjects(2, 'B')), {
      by: 'slice',
      ratios: [1, 1, 1],
    });
    expect(notes.join()).toMatch(/of 3 subjects have images in several splits/);
    expect(textOf(out, 'leaks.csv').split('\n').length).toBeGreaterThan(2);
  });
});

describe('split by column', () => {
  const items: Item[] = [
    { id: 'a', subject: 's', column: 'fit' },
    { id: 'b', subject: 's', column: 'fit' },
    { id: 'c', subject: 't', column: 'judge' },
  ];
  const params = { by: 'column', column: 'fold', values: { train: ['fit'], val: [], test: ['judge'] } };

  it('puts items where the column says, val may be empty', async () => {
    const { out } = await split(items, params);
    expect(await splitsOf(out)).toEqual([['s', 's'], [], ['t']]);
  });

  it('takes val from train where a share is given', async () => {
    const { out } = await split(items, { ...params, valShare: 0.5 });
    expect((await splitsOf(out)).map((members) => members.length)).toEqual([1, 1, 1]);
  });

  it('fails on values of no split, naming them, and on an empty test', async () => {
    const unknown = await failureOf(split([...items, { id: 'd', subject: 't', column: 'x' }], params));
    expect(unknown).toMatchObject({
      reason: 'bad-parameter',
      message: expect.stringMatching(/'fold' says 'x'/),
    });
    const empty = await failureOf(split(items.slice(0, 2), params));
    expect(empty).toMatchObject({ reason: 'too-few-units', message: expect.stringMatching(/into test/) });
  });
});

describe('centring', () => {
  const items: Item[] = [
    { id: 'a', subject: null, column: 'train' },
    { id: 'b', subject: null, column: 'test' },
  ];
  const firstPixels = async (centring: string) => {
    const { out } = await split(items, { by: 'column', column: 'fold', centring });
    const { splits, mean } = await readDataset(out, SPLIT_NAMES);
    return { train: splits.train.images[0], test: splits.test.images[0], mean };
  };

  // Pictures are (0, 0.1) and (0, 0.2): means 0.05 and 0.1.
  it('subtracts the train mean from all splits, or each its own, or nothing', async () => {
    expect(await firstPixels('train')).toMatchObject({ train: Math.fround(-0.05), test: Math.fround(-0.05) });
    expect((await firstPixels('per-split')).test).toBeCloseTo(-0.1, 7);
    expect(await firstPixels('none')).toMatchObject({
      train: 0,
      test: 0,
      mean: { train: 0, val: 0, test: 0 },
    });
  });
});

describe('byLargestRemainder', () => {
  it('makes 213, 35 and 106 of 354 at 60:10:30 (Table 3.1 of the study, CT)', () => {
    expect(byLargestRemainder(354, [60, 10, 30])).toEqual([213, 35, 106]);
  });

  it('sums to the total, each count within one of its share', () => {
    const ratios = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10000 }), ratios, (total, given) => {
        fc.pre(given.some((ratio) => ratio > 0));
        const counts = byLargestRemainder(total, given);
        const sum = given.reduce((all, ratio) => all + ratio, 0);
        expect(counts.reduce((all, count) => all + count, 0)).toBe(total);
        counts.forEach((count, index) => {
          expect(Math.abs(count - (total * given[index]) / sum)).toBeLessThan(1);
        });
      }),
    );
  });
});

describe('assignByRatios', () => {
  it('gives every item one split, whatever the order of the units', () => {
    const units = Array.from({ length: 9 }, (_, index) => ({
      name: `u${index}`,
      ids: [`i${index}`],
      stratum: '',
    }));
    const request = () => ({ ratios: [6, 1, 3], random: createRandom('x'), unit: 'subject' });
    const forwards = assignByRatios(units, request());
    expect(forwards.size).toBe(9);
    expect(assignByRatios(units.toReversed(), request())).toEqual(new Map(forwards));
  });
});

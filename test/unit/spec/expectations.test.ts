import { describe, expect, it } from 'vitest';
import type { Expectation } from '../../../src/core/expectation.ts';
import { planText, problemsOf } from '../../support/read-pipeline.ts';

const PIPELINE = `params: { d: 1 }
stages:
  ingest: { uses: ingest, with: { source: phantom } }
  normalise: { uses: normalise, needs: { images: ingest } }
  split: { uses: split, needs: { images: normalise, index: ingest } }
  pretrain: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: "\${{ params.d }}" } }
  evaluate: { uses: evaluate, needs: { dataset: split, model: pretrain, labels: ingest } }
sweep: { grid: { d: [1, 2], seed: [0, 1] } }
`;
const problems = (block: string) => problemsOf(`${PIPELINE}expect: ${block}\n`);
const read = (block: string): readonly Expectation[] => {
  const { expectations, diagnostics } = planText(`${PIPELINE}expect: ${block}\n`);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return expectations;
};

describe('an expect block at fault', () => {
  it.each([
    ['a step', '{ evalute: { test.acc: { atLeast: 1 } } }', "'evalute', which is not there", "'evaluate'?"],
    ['a metric', '{ evaluate: { test.ac: { atLeast: 1 } } }', "measures no 'test.ac'", "'test.acc'?"],
    ['a split', '{ evaluate: { tset.acc: { atLeast: 1 } } }', "measures no 'tset.acc'", "'test.acc'?"],
    [
      'a file',
      '{ evaluate: { files: { metric.csv: { rows: 3 } } } }',
      "makes no file 'metric.csv'",
      "'metrics.csv'?",
    ],
    [
      'a bound on values of a file',
      '{ evaluate: { files: { metrics.csv: { columns: { x: { atLest: 1 } } } } } }',
      "unknown key 'atLest' in 'expect.evaluate.files.metrics.csv.columns.x'",
      "'atLeast'?",
    ],
    ['a bound', '{ evaluate: { test.acc: { atLest: 1 } } }', "unknown key 'atLest'", "'atLeast'?"],
    [
      'the metric of a sweep',
      '{ sweep: [{ metric: evaluate.test.acv, over: seed, mean: { atLeast: 1 } }] }',
      "measures no 'test.acv'",
      "'test.acc'?",
    ],
    [
      'a statistic',
      '{ sweep: [{ metric: test.acc, over: seed, maen: { atLeast: 1 } }] }',
      "unknown key 'maen'",
      "'mean'?",
    ],
    [
      'an axis',
      '{ sweep: [{ metric: test.acc, over: sed, mean: { atLeast: 1 } }] }',
      "no axis 'sed'",
      "'seed'?",
    ],
    [
      'the step of files',
      '{ sweep: [{ step: evalate, files: { metrics.csv: { rows: 1 } } }] }',
      "'evalate', which is not there",
      "'evaluate'?",
    ],
  ])('is told with its place and the %s that was meant', (_, block, message, meant) => {
    const text = problems(block);
    expect(text).toMatch(/^p\.yaml:9:\d+: error: /);
    expect(text).toContain(message);
    expect(text).toContain(`did you mean ${meant}`);
  });

  it.each([
    ['no metric and no step', '{ sweep: [{ over: seed }] }', 'the expectation is on nothing'],
    [
      'a golden value without a tolerance',
      '{ evaluate: { test.acc: { of: 1 } } }',
      "how far from it, says 'within'",
    ],
    [
      'sd to count in without one',
      '{ evaluate: { test.acc: { of: 1, withinSd: 2 } } }',
      "'withinSd' without 'sd'",
    ],
    [
      'bounds that nothing meets',
      '{ evaluate: { test.acc: { atLeast: 2, atMost: 1 } } }',
      'nothing is at least 2 and',
    ],
    [
      'a range the wrong way round',
      '{ evaluate: { test.acc: { between: [2, 1] } } }',
      'the smaller one goes first',
    ],
    [
      'a value that no point has',
      '{ sweep: [{ where: { d: 3 }, metric: test.acc, atLeast: 1 }] }',
      "no point has the value 3 on the axis 'd'",
    ],
    [
      'a shape of a table',
      '{ evaluate: { files: { metrics.csv: { shape: [1] } } } }',
      "'shape' is said of .npy files",
    ],
    [
      'a shape of many tensors',
      '{ evaluate: { files: { weights.safetensors: { shape: [1] } } } }',
      "below 'tensors'",
    ],
    [
      'a picture tolerance of a table',
      '{ evaluate: { files: { metrics.csv: { golden: true, maxDifference: 1 } } } }',
      'said of .png files',
    ],
    [
      'a tolerance without a golden file',
      '{ evaluate: { files: { metrics.csv: { within: 1 } } } }',
      "'within' without 'golden'",
    ],
    [
      'something of a file that must not be there',
      '{ evaluate: { files: { metrics.csv: { present: false, rows: 1 } } } }',
      'must not be there',
    ],
    [
      'files over an axis',
      '{ sweep: [{ step: evaluate, over: seed, files: { metrics.csv: { rows: 1 } } }] }',
      "'over' is for metrics",
    ],
    [
      'a digest that is none',
      '{ evaluate: { files: { metrics.csv: { digest: XYZ } } } }',
      'must be text matching ^[0-9a-f]{8,64}$',
    ],
    [
      'a plain number where bounds on sd stand',
      '{ sweep: [{ metric: test.acc, over: seed, sd: 0.1 }] }',
      'bounds on the standard deviation',
    ],
  ])('is told: %s', (_, block, message) => {
    expect(problems(block)).toContain(message);
  });

  it('keeps the plan as it is: an expectation decides no artifact', () => {
    const bare = planText(PIPELINE).plan!;
    const expecting = planText(`${PIPELINE}expect: { evaluate: { test.acc: { atLeast: 1 } } }\n`).plan!;
    expect(expecting.steps.map(({ structuralKey }) => structuralKey)).toEqual(
      bare.steps.map(({ structuralKey }) => structuralKey),
    );
  });
});

describe('readExpectations', () => {
  it('gives each thing that is said by itself, with the place of its key', () => {
    const found = read(`
  evaluate:
    test.acc: { atLeast: 0.5 }
    files:
      metrics.csv: { rows: 3, columns: { value: { atMost: 1 }, split: } }
      curves/*.npy: { shape: [~, 3], values: { between: [0, 1] } }
  sweep:
    - { where: { d: 2 }, over: seed, metric: test.nmi, mean: { of: 0.5, within: 0.1 }, sd: { atMost: 0.1 } }
    - { step: evaluate, files: { matrix.png: { golden: g.png, meanDifference: 2 } } }`);
    expect(found.map(({ kind, step, position, path }) => [kind, step, position.line, path.at(-1)])).toEqual([
      ['metric', 'evaluate', 11, 'test.acc'],
      ['file', 'evaluate', 13, 'value'],
      ['file', 'evaluate', 13, 'split'],
      ['file', 'evaluate', 13, 'rows'],
      ['file', 'evaluate', 14, 'shape'],
      ['file', 'evaluate', 14, 'values'],
      ['statistic', 'evaluate', 16, 'mean'],
      ['statistic', 'evaluate', 16, 'sd'],
      ['file', 'evaluate', 17, 'golden'],
    ]);
    expect(found[6]).toMatchObject({
      metric: 'test.nmi',
      over: ['seed'],
      where: { d: 2 },
      statistic: 'mean',
    });
    expect(found[8]).toMatchObject({ requirement: { is: 'golden', golden: 'g.png', meanDifference: 2 } });
  });
});

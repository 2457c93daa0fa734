import { describe, expect, it } from 'vitest';
import { listChecks } from '../../../src/expect/list-checks.ts';
import { planText } from '../../support/read-pipeline.ts';

const PIPELINE = `params: { d: 1 }
stages:
  ingest: { uses: ingest, with: { source: phantom } }
  normalise: { uses: normalise, needs: { images: ingest } }
  split: { uses: split, needs: { images: normalise, index: ingest } }
  pretrain: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: "\${{ params.d }}" } }
  evaluate: { uses: evaluate, needs: { dataset: split, model: pretrain, labels: ingest } }
sweep: { grid: { d: [1, 2], seed: [0, 1] }, exclude: [{ d: 2, seed: 1 }] }
`;
const checks = (block: string, set: { [key: string]: number } = {}) => {
  const { plan, expectations } = planText(`${PIPELINE}expect: ${block}\n`, { set });
  return listChecks(plan!, expectations).map(({ title, steps }) => [title, ...steps]);
};

describe('listChecks', () => {
  it('looks at a metric at every point', () => {
    expect(checks('{ evaluate: { test.acc: { atLeast: 0 } } }')).toEqual([
      ['evaluate@d=1,seed=0 test.acc', 'evaluate@d=1,seed=0'],
      ['evaluate@d=1,seed=1 test.acc', 'evaluate@d=1,seed=1'],
      ['evaluate@d=2,seed=0 test.acc', 'evaluate@d=2,seed=0'],
    ]);
  });

  it('looks at a step that points share once', () => {
    expect(checks('{ split: { files: { a.npy: { present: true } } } }')).toEqual([
      ['split a.npy present', 'split'],
    ]);
  });

  it('looks at some points alone', () => {
    expect(checks('{ sweep: [{ where: { d: 2 }, metric: test.acc, atLeast: 0 }] }')).toEqual([
      ['evaluate@d=2,seed=0 test.acc', 'evaluate@d=2,seed=0'],
    ]);
  });

  it('takes a statistic for each group of points that differ in its axes alone', () => {
    expect(checks('{ sweep: [{ over: seed, metric: test.acc, mean: { atLeast: 0 } }] }')).toEqual([
      ['mean of evaluate.test.acc over seed at d=1', 'evaluate@d=1,seed=0', 'evaluate@d=1,seed=1'],
      ['mean of evaluate.test.acc over seed at d=2', 'evaluate@d=2,seed=0'],
    ]);
    expect(checks('{ sweep: [{ over: [d, seed], metric: test.acc, each: { atLeast: 0 } }] }')).toEqual([
      [
        'each evaluate.test.acc over d, seed',
        'evaluate@d=1,seed=0',
        'evaluate@d=1,seed=1',
        'evaluate@d=2,seed=0',
      ],
    ]);
  });

  it('gives an expectation that meets no point a check without steps', () => {
    const block = '{ sweep: [{ where: { d: 2, seed: 1 }, metric: test.acc, atLeast: 0 }] }';
    expect(checks(block)).toEqual([['evaluate test.acc where d=2,seed=1']]);
    const over = '{ sweep: [{ where: { d: 2 }, over: seed, metric: test.acc, mean: { atLeast: 0 } }] }';
    expect(checks(over, { d: 1 })).toEqual([['evaluate test.acc where d=2']]);
  });
});

import { describe, expect, it } from 'vitest';
import { rankByCriticalPath } from '../../../src/runner/critical-path.ts';
import { fakePlan } from '../../support/fake-runner.ts';

const { steps } = fakePlan({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'], e: ['a'] });
const ranks = (durations: { [stage: string]: number[] }) =>
  Object.fromEntries(rankByCriticalPath(steps, (stage) => durations[stage] ?? []));

describe('rankByCriticalPath', () => {
  it('counts the steps of the longest chain where nothing was ever executed', () => {
    expect(ranks({})).toEqual({ a: 3, b: 2, c: 2, d: 1, e: 1 });
  });

  it('adds up what the stages took lately, by their median', () => {
    expect(ranks({ a: [10], b: [500, 100, 90], c: [20], d: [5], e: [1000] })).toEqual({
      a: 1010,
      b: 105,
      c: 25,
      d: 5,
      e: 1000,
    });
  });

  it('takes a stage that never ran for one of the middle', () => {
    expect(ranks({ a: [10], b: [100], d: [40] })).toMatchObject({ c: 80, e: 40 });
  });
});

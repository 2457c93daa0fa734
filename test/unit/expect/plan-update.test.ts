import { describe, expect, it } from 'vitest';
import type { Bounds, FileRequirement } from '../../../src/core/expectation.ts';
import { holds } from '../../../src/expect/bounds.ts';
import type { Verdict } from '../../../src/expect/check.ts';
import { planUpdate } from '../../../src/expect/plan-update.ts';

const placed = {
  path: ['expect', 'e', 'm'],
  position: { file: 'p', line: 1, column: 1, length: 1 },
  where: null,
};
const metric = (bounds: Bounds, measured: readonly (number | undefined)[]) =>
  measured.map((value, at) => ({
    check: {
      expectation: { ...placed, kind: 'metric' as const, step: 'e', metric: 'm', bounds },
      title: `e${at} m`,
      steps: [`e${at}`],
    },
    verdict: {
      ok: value !== undefined && holds(value, bounds),
      expected: '',
      got: '',
      details: [],
      measured: value,
    } satisfies Verdict,
  }));
const files = (requirement: FileRequirement, verdicts: readonly Partial<Verdict>[]) =>
  verdicts.map((verdict, at) => ({
    check: {
      expectation: { ...placed, kind: 'file' as const, step: 'e', file: 'f', requirement },
      title: `e${at} f`,
      steps: [`e${at}`],
    },
    verdict: { ok: false, expected: '', got: '', details: [], ...verdict },
  }));

describe('planUpdate', () => {
  it('rounds a golden value far below its tolerance', () => {
    const { values, settled } = planUpdate(metric({ of: 0.5, within: 0.01 }, [0.123456789]));
    expect(values).toEqual([{ path: ['expect', 'e', 'm', 'of'], from: '0.5', value: 0.1235 }]);
    expect(settled.size).toBe(1);
  });

  it('keeps every digit where nothing may differ', () => {
    expect(planUpdate(metric({ of: null, within: 0 }, [0.1 + 0.2])).values[0]).toMatchObject({
      from: '(none)',
      value: 0.1 + 0.2,
    });
  });

  it('moves a value that points share to where it holds for all, and nowhere else', () => {
    const near = planUpdate(metric({ of: 5, within: 0.2 }, [1, 1.2, 1.3]));
    expect(near.values).toHaveLength(1);
    expect(near.settled.size).toBe(3);
    for (const value of [1, 1.2, 1.3])
      expect(holds(value, { of: near.values[0].value as number, within: 0.2 })).toBe(true);
    const far = planUpdate(metric({ of: 5, within: 0.2 }, [1, 2]));
    expect(far.values).toEqual([]);
    expect(far.settled.size).toBe(0);
    expect(far.refusals[0]).toContain("by 'where'");
  });

  it('leaves bounds, missing values and what holds alone', () => {
    expect(planUpdate(metric({ atLeast: 1 }, [0])).refusals[0]).toContain('bounds are yours');
    expect(planUpdate(metric({ of: 1, within: 1 }, [undefined])).refusals).toHaveLength(1);
    expect(planUpdate(metric({ of: 1, within: 1 }, [1.5]))).toMatchObject({ values: [], refusals: [] });
    expect(planUpdate(metric({ of: 1, within: 1, atMost: 2 }, [3])).values).toEqual([]);
  });

  it('writes mean and standard deviation together where the tolerance counts in it', () => {
    const bounds = { of: 1, sd: 0.1, withinSd: 2 };
    const expectation = {
      ...placed,
      kind: 'statistic' as const,
      step: 'e',
      metric: 'm',
      over: ['seed'],
      statistic: 'mean' as const,
      bounds,
    };
    const verdict = { ok: false, expected: '', got: '', details: [], measured: 2, measuredSd: 0.25 };
    const { values } = planUpdate([{ check: { expectation, title: '', steps: ['a', 'b'] }, verdict }]);
    expect(values.map(({ path, value }) => [path.at(-1), value])).toEqual([
      ['of', 2],
      ['sd', 0.25],
    ]);
  });

  it('copies golden files, but not two over one', () => {
    const golden = { is: 'golden', golden: true } as const;
    const one = planUpdate(files(golden, [{ outdated: [{ golden: '/g/a', from: '/o/a' }] }]));
    expect([...one.files]).toEqual([['/g/a', '/o/a']]);
    const shared = { outdated: [{ golden: '/g/a', from: '/o/a' }] };
    const two = planUpdate(files(golden, [shared, { outdated: [{ golden: '/g/a', from: '/o/b' }] }]));
    expect(two.files.size).toBe(0);
    expect(two.refusals[0]).toContain('golden: true');
    // One step differs from the golden file that another equals.
    expect(planUpdate(files(golden, [shared, { ok: true }])).files.size).toBe(0);
  });

  it('writes a digest where all that share it agree', () => {
    const digest = { is: 'digest', digest: null } as const;
    expect(planUpdate(files(digest, [{ measured: 'abc' }, { measured: 'abc' }])).values).toEqual([
      { path: placed.path, from: '(none)', value: 'abc' },
    ]);
    expect(planUpdate(files(digest, [{ measured: 'abc' }, { measured: 'abd' }])).values).toEqual([]);
  });
});

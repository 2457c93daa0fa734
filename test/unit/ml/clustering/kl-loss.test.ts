import { describe, expect, it } from 'vitest';
import { klDivergence, klLoss, Q_FLOOR } from '../../../../src/ml/clustering/kl-loss.ts';
import type { Matrix } from '../../../../src/ml/matrix.ts';
import golden from '../../../golden/ml-training/dec-small.json' with { type: 'json' };

const table = (rows: readonly (readonly number[])[]): Matrix => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  columns: rows[0].length,
});
const small = { z: table(golden.z), mu: table(golden.mu), p: table(golden.p), alpha: 1 };

describe('klLoss', () => {
  it('is the recorded mean over samples', () => {
    expect(klLoss(small).value).toBeCloseTo(golden.kl_mean, 14);
  });

  it('has the recorded gradients, which are of the sum, divided by the samples', () => {
    const { embeddingGradient, centreGradient } = klLoss(small);
    golden.dKLsum_dz.flat().forEach((value, i) => {
      expect(embeddingGradient[i] * 4).toBeCloseTo(value, 12);
    });
    golden.dKLsum_dmu.flat().forEach((value, i) => {
      expect(centreGradient[i] * 4).toBeCloseTo(value, 12);
    });
  });

  it('does not pull by a q that is clipped', () => {
    // At 1e5 q is about 1e-10. Unclipped, half of p there would push z off its own centre by -0.4.
    const far = { z: table([[0.5]]), mu: table([[0], [1e5]]), alpha: 1 };
    const { value, embeddingGradient } = klLoss({ ...far, p: table([[0.5, 0.5]]) });
    expect(value).toBeCloseTo(Math.log(0.5) + 0.5 * -Math.log(Q_FLOOR), 6);
    expect(Math.abs(embeddingGradient[0])).toBeLessThan(1e-4);
  });
});

describe('klDivergence', () => {
  it('counts 0 ln 0 as 0', () => {
    expect(klDivergence(table([[0, 1]]), table([[0.5, 0.5]]))).toBeCloseTo(Math.log(2), 15);
  });

  it('does not hide a value that is not a number', () => {
    expect(klDivergence(table([[Number.NaN, 1]]), table([[0.5, 0.5]]))).toBeNaN();
  });
});

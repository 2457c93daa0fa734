import { describe, expect, it } from 'vitest';
import { networkShapes } from '../../../src/core/network.ts';
import { createRandom } from '../../../src/core/random.ts';
import { initialWeights } from '../../../src/ml/initialise.ts';
import { caeNetwork, encoderOf, STUDY_NETWORK } from '../../../src/ml/models/cae.ts';

const network = caeNetwork({ ...STUDY_NETWORK, embeddingDim: 3 });

describe('initialWeights', () => {
  it('draws kernels uniformly within √(6 / (fanIn + fanOut)), and leaves biases zero', () => {
    const weights = initialWeights(network, createRandom('glorot'));
    for (const { name, role, shape, fanIn, fanOut } of networkShapes(network).flatMap((l) => l.parameters)) {
      const values = weights.get(name)!;
      expect(values.length).toBe(shape.reduce((a, b) => a * b));
      const limit = role === 'bias' ? 0 : Math.sqrt(6 / (fanIn + fanOut));
      const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      expect(largest).toBeLessThanOrEqual(Math.fround(limit));
      expect(largest).toBeGreaterThanOrEqual(limit * 0.95);
      const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      if (values.length > 1000) expect(variance / ((limit * limit) / 3)).toBeCloseTo(1, 1);
    }
  });

  it('gives the same for the same seed, another for another', () => {
    const first = (seed: string) => initialWeights(network, createRandom(seed)).get('encoder.0.kernel');
    expect(first('a')).toEqual(first('a'));
    expect(first('a')).not.toEqual(first('b'));
  });

  it('gives an encoder the weights it would have with its decoder', () => {
    const whole = initialWeights(network, createRandom('a'));
    const alone = initialWeights(encoderOf(network), createRandom('a'));
    for (const [name, values] of alone) expect(whole.get(name)).toEqual(values);
  });
});

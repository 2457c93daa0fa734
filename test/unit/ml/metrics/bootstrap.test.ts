import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/random.ts';
import { measureAccuracy } from '../../../../src/ml/metrics/accuracy.ts';
import { bootstrapAccuracy, percentile } from '../../../../src/ml/metrics/bootstrap.ts';
import golden from '../../../golden/ml/metrics.json' with { type: 'json' };

const { percentiles } = golden;

/** 200 items, three classes, 70 % in the cluster of their class. */
function makeItems() {
  const random = createRandom('items');
  const labels = Array.from({ length: 200 }, (_, item) => item % 3);
  const clusters = labels.map((label) => (random.next() < 0.55 ? label : random.integer(3)));
  return { labels, clusters };
}

describe('bootstrapAccuracy', () => {
  const { labels, clusters } = makeItems();
  const accuracy = measureAccuracy(labels, clusters);
  const slices = labels.map((_, item) => [item]);

  it('of independent items is as wide as the binomial says', () => {
    const interval = bootstrapAccuracy({ labels, clusters, units: slices, random: createRandom('a') })!;
    const expectedHalf = 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / labels.length);
    expect(interval.low).toBeLessThan(accuracy);
    expect(interval.high).toBeGreaterThan(accuracy);
    expect((interval.high - interval.low) / 2 / expectedHalf).toBeGreaterThan(0.9);
    expect((interval.high - interval.low) / 2 / expectedHalf).toBeLessThan(1.1);
  });

  it('of subjects whose slices are copies is wider by the root of their number', () => {
    const copies = 9;
    const repeat = (values: number[]) => values.flatMap((value) => new Array<number>(copies).fill(value));
    const input = { labels: repeat(labels), clusters: repeat(clusters) };
    const bySubject = labels.map((_, subject) =>
      Array.from({ length: copies }, (_, slice) => subject * copies + slice),
    );
    const bySlice = input.labels.map((_, item) => [item]);
    const wide = bootstrapAccuracy({
      ...input,
      units: bySubject,
      random: createRandom('b'),
      resamples: 600,
    })!;
    const narrow = bootstrapAccuracy({
      ...input,
      units: bySlice,
      random: createRandom('b'),
      resamples: 600,
    })!;
    const ratio = (wide.high - wide.low) / (narrow.high - narrow.low);
    expect(ratio).toBeGreaterThan(2.5);
    expect(ratio).toBeLessThan(3.5);
  });

  it('repeats itself for a seed and differs for another', () => {
    const run = (seed: string) =>
      bootstrapAccuracy({ labels, clusters, units: slices, random: createRandom(seed), resamples: 50 });
    expect(run('c')).toEqual(run('c'));
    expect(run('c')).not.toEqual(run('d'));
  });

  it('is a point for perfect clusters, and nothing for a single unit', () => {
    expect(bootstrapAccuracy({ labels, clusters: labels, units: slices, random: createRandom('e') })).toEqual(
      { low: 1, high: 1 },
    );
    expect(
      bootstrapAccuracy({ labels, clusters, units: [labels.map((_, i) => i)], random: createRandom('e') }),
    ).toBeNull();
  });

  it('takes units of different sizes and leaves out items of none', () => {
    const units = [[0, 1, 2], [3], Uint32Array.of(4, 5)];
    const wrongElsewhere = labels.map((label, item) => (item < 6 ? label : (label + 1) % 3));
    const interval = bootstrapAccuracy({
      labels,
      clusters: wrongElsewhere,
      units,
      random: createRandom('f'),
    });
    expect(interval).toEqual({ low: 1, high: 1 });
  });
});

describe('percentile', () => {
  it('interpolates as numpy does (golden/ml/metrics.py)', () => {
    const sorted = Float64Array.from(percentiles.values);
    percentiles.shares.forEach((share, index) => {
      expect(percentile(sorted, share)).toBeCloseTo(percentiles.expected[index], 14);
    });
  });
});

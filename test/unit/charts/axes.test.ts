import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alignedQuantities,
  categoryScale,
  extent,
  formatCount,
  formatFixed,
  formatQuantity,
  formatValue,
  linearScale,
  logScale,
  niceStep,
} from '../../../src/charts/axes.ts';

const labels = (scale: { ticks: readonly { label: string }[] }) =>
  scale.ticks.map(({ label }) => label).filter((label) => label !== '');

describe('extent', () => {
  it('passes over what is not finite, and is null where nothing is', () => {
    expect(extent([Number.NaN, 3, Number.POSITIVE_INFINITY, -1])).toEqual([-1, 3]);
    expect(extent([Number.NaN])).toBeNull();
  });
});

describe('linear scale', () => {
  it('widens to whole ticks of 1, 2 or 5 times a power of ten, labels with equal decimals', () => {
    const scale = linearScale([0.573, 0.671]);
    expect(scale.domain[0]).toBeCloseTo(0.56, 12);
    expect(scale.domain[1]).toBeCloseTo(0.68, 12);
    expect(labels(scale)).toEqual(['0.56', '0.58', '0.60', '0.62', '0.64', '0.66', '0.68']);
  });

  it('keeps the domain where asked, with ticks inside it alone', () => {
    const scale = linearScale([1, 274], { nice: false });
    expect(scale.domain).toEqual([1, 274]);
    expect(labels(scale)).toEqual(['50', '100', '150', '200', '250']);
  });

  it('puts a single value in the middle, and has a domain without data', () => {
    expect(linearScale([5, 5], { nice: false }).at(5)).toBeCloseTo(0.5, 12);
    expect(linearScale([0, 0], { nice: false }).at(0)).toBeCloseTo(0.5, 12);
    expect(linearScale(null).domain).toEqual([0, 1]);
  });

  it('writes negative, large and tiny ticks readably', () => {
    expect(labels(linearScale([-1, 1], { count: 2 }))).toEqual(['−1', '0', '1']);
    expect(labels(linearScale([0, 3000], { count: 3 }))).toEqual(['0', '1,000', '2,000', '3,000']);
    expect(labels(linearScale([0, 2e-7], { count: 2 }))).toEqual(['0', '10⁻⁷', '2×10⁻⁷']);
  });

  it('maps any data into 0 … 1, with two to a dozen ascending ticks that all differ in their labels', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const scale = linearScale([low, high]);
        expect(scale.at(low)).toBeGreaterThanOrEqual(-1e-9);
        expect(scale.at(high)).toBeLessThanOrEqual(1 + 1e-9);
        expect(scale.ticks.length).toBeGreaterThanOrEqual(2);
        expect(scale.ticks.length).toBeLessThanOrEqual(12);
        for (let index = 1; index < scale.ticks.length; index++) {
          expect(scale.ticks[index].value).toBeGreaterThan(scale.ticks[index - 1].value);
        }
        if (high - low > 1e-6 * Math.abs(high + low)) {
          expect(new Set(labels(scale)).size).toBe(scale.ticks.length);
        }
      }),
    );
  });
});

describe('log scale', () => {
  it('labels powers of ten over several decades, with unlabelled ticks between', () => {
    const scale = logScale([0.0005, 0.5]);
    expect(labels(scale)).toEqual(['0.001', '0.01', '0.1']);
    expect(scale.ticks.some(({ value, label }) => value === 0.02 && label === '')).toBe(true);
  });

  it('labels 1, 2 and 5 over about a decade, and equal steps below that', () => {
    expect(labels(logScale([0.0019, 0.036]))).toEqual(['0.002', '0.005', '0.01', '0.02']);
    expect(labels(logScale([0.012, 0.034]))).toEqual(['0.015', '0.020', '0.025', '0.030', '0.035']);
  });

  it('has equal distances for equal ratios', () => {
    const scale = logScale([1, 1000]);
    expect(scale.at(10) - scale.at(1)).toBeCloseTo(scale.at(1000) - scale.at(100), 10);
  });

  it('keeps any positive data inside, a single value in the middle', () => {
    expect(logScale([7, 7]).at(7)).toBeCloseTo(0.5, 10);
    const value = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const scale = logScale([Math.min(a, b), Math.max(a, b)]);
        for (const inside of [scale.at(a), scale.at(b)]) {
          expect(inside).toBeGreaterThanOrEqual(0);
          expect(inside).toBeLessThanOrEqual(1);
        }
        expect(labels(scale).length).toBeGreaterThanOrEqual(1);
        expect(labels(scale).length).toBeLessThanOrEqual(14);
      }),
    );
  });
});

describe('category scale', () => {
  it('puts each name into the middle of its slot', () => {
    const scale = categoryScale(['a', 'b']);
    expect([scale.at(0), scale.at(1)]).toEqual([0.25, 0.75]);
    expect(categoryScale([]).domain).toEqual([-0.5, 0.5]);
  });
});

describe('numbers as text', () => {
  it('writes values shortly, with a real minus sign and commas', () => {
    expect([0.1, 30, -2.5, 48548, 1e-7, 0].map(formatValue)).toEqual([
      '0.1',
      '30',
      '−2.5',
      '48,548',
      '10⁻⁷',
      '0',
    ]);
    expect([formatFixed(0.6555, 3), formatFixed(-0.0001, 2), formatFixed(Number.NaN, 2)]).toEqual([
      '0.655',
      '0.00',
      '–',
    ]);
    expect([999, 1000, 1234567].map(formatCount)).toEqual(['999', '1,000', '1,234,567']);
  });

  it('writes quantities with two significant digits', () => {
    expect([0.00243, 0.0999, 12.3, 1.34e-7, 0, Number.NaN].map((value) => formatQuantity(value))).toEqual([
      '0.0024',
      '0.10',
      '12',
      '1.3×10⁻⁷',
      '0',
      '–',
    ]);
  });

  it('writes quantities that stand beside each other with equal decimals', () => {
    const values = [0.00459, 0.00059, 0];
    expect(values.map(alignedQuantities(values))).toEqual(['0.00459', '0.00059', '0.00000']);
    const apart = [0.5, 1e-9];
    expect(apart.map(alignedQuantities(apart))).toEqual(['0.50', '10⁻⁹']);
  });

  it('rounds a step to the nearest of 1, 2, 5 and 10 times a power of ten, by ratio', () => {
    expect([0.9, 1, 1.4, 1.5, 3, 4, 7, 7.2, 0.03].map(niceStep)).toEqual([1, 1, 1, 2, 2, 5, 5, 10, 0.02]);
  });
});

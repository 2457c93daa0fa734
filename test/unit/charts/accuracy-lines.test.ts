import { describe, expect, it } from 'vitest';
import { type AccuracyLinesInput, drawAccuracyLines } from '../../../src/charts/accuracy-lines.ts';
import { descriptionOf, drawnTexts, elementsOf, pathNumbers, readSvg, textFaults } from './read-svg.ts';

const base = { xLabel: 'embedding dimension d', yLabel: 'ACC (test)' };
const paths = (svg: string) => elementsOf(readSvg(svg), 'path');
const lines = (svg: string) =>
  paths(svg).filter(({ attributes }) => attributes['stroke-linejoin'] === 'round');
const errorBars = (svg: string) =>
  paths(svg).filter(({ attributes }) => attributes['stroke-width'] === '1.2');

/** Published accuracies of the study (its table of results), one run each. */
const published: AccuracyLinesInput = {
  ...base,
  series: [
    { name: 'DEC', points: [3, 10, 30].map((x, index) => ({ x, values: [[0.805, 0.659, 0.654][index]] })) },
    { name: 'DCEC', points: [3, 10, 30].map((x, index) => ({ x, values: [[0.638, 0.665, 0.605][index]] })) },
  ],
};

describe('accuracy lines', () => {
  it('draws mean, standard deviation with n − 1, and n', () => {
    const svg = drawAccuracyLines({
      ...base,
      series: [{ name: 'DEC', points: [{ x: 3, values: [1, 2, 3] }] }],
    });
    // Mean 2, sd 1.
    expect(descriptionOf(svg)).toContain('DEC: 3: 2.000 ± 1.000 (n = 3)');
    expect(drawnTexts(svg)).toContain('mean ± sd, n = 3 seeds; dots: single seeds');
    const [, top, bottom] = pathNumbers(errorBars(svg)[0].attributes.d);
    const gridlines = elementsOf(readSvg(svg), 'text').filter(({ text }) => text === '1.0' || text === '3.0');
    expect(gridlines.map(({ text }) => text)).toEqual(['1.0', '3.0']);
    const heights = gridlines.map(({ attributes }) => Number(attributes.y) - 11 * 0.365);
    expect([bottom, top]).toEqual(heights.map((height) => expect.closeTo(height, 0)));
  });

  it('has no error bars and no note where nothing was repeated', () => {
    const svg = drawAccuracyLines(published);
    expect(errorBars(svg)).toEqual([]);
    expect(drawnTexts(svg).join()).not.toContain('mean ±');
    expect(lines(svg)).toHaveLength(2);
  });

  it('puts ticks at the few values there are, and dodges series by fixed offsets that differ', () => {
    const svg = drawAccuracyLines(published);
    expect(drawnTexts(svg)).toEqual(expect.arrayContaining(['3', '10', '30']));
    const x = lines(svg).map(({ attributes }) =>
      pathNumbers(attributes.d).filter((_, index) => index % 2 === 0),
    );
    const shifts = x[0].map((value, index) => x[1][index] - value);
    for (const shift of shifts) expect(shift).toBeCloseTo(11, 0);
  });

  it('keeps the series of one place apart from those of the next', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({
      name: `γ = ${index}`,
      points: [2, 3, 4, 5, 6, 7, 8].map((x) => ({ x, values: [0.5] })),
    }));
    const x = lines(drawAccuracyLines({ ...base, series: many })).map(({ attributes }) =>
      pathNumbers(attributes.d),
    );
    const lastOfFirst = Math.max(...x.map((numbers) => numbers[0]));
    const firstOfNext = Math.min(...x.map((numbers) => numbers[2]));
    expect(lastOfFirst).toBeLessThan(firstOfNext);
  });

  it('spaces a logarithmic axis by ratios, and a category axis evenly', () => {
    const points = [1, 10, 100].map((x) => ({ x, values: [0.5] }));
    for (const xScale of ['log', 'category'] as const) {
      const [line] = lines(drawAccuracyLines({ ...base, xScale, series: [{ name: 'a', points }] }));
      const [x1, , x2, , x3] = pathNumbers(line.attributes.d);
      expect(x2 - x1).toBeCloseTo(x3 - x2, 0);
    }
  });

  it('does not connect names, which have no order', () => {
    const points = ['k-means', 'DEC'].map((x) => ({ x, values: [0.4, 0.5] }));
    const svg = drawAccuracyLines({ ...base, series: [{ name: 'test', points }] });
    expect(lines(svg)).toEqual([]);
    expect(drawnTexts(svg)).toEqual(expect.arrayContaining(['k-means', 'DEC']));
  });

  it('draws references hollow', () => {
    const svg = drawAccuracyLines({ ...base, series: [{ ...published.series[0], reference: true }] });
    expect(paths(svg).filter(({ attributes }) => attributes.fill === '#fff')).toHaveLength(2);
  });

  it('leaves out values that are not numbers, and says so', () => {
    const points = [
      { x: 3, values: [0.5, Number.NaN] },
      { x: 10, values: [Number.NaN] },
    ];
    const svg = drawAccuracyLines({ ...base, series: [{ name: 'a', points }] });
    expect(descriptionOf(svg)).toContain('3: 0.500 ± 0.000 (n = 1)');
    expect(descriptionOf(svg)).toContain('Left out: 2 values that are not numbers, 1 places without any.');
  });

  it('gives the range of n where runs are missing', () => {
    const points = [
      { x: 3, values: [0.5, 0.6] },
      { x: 10, values: [0.5, 0.6, 0.7] },
    ];
    const svg = drawAccuracyLines({ ...base, repetitions: 'folds', series: [{ name: 'a', points }] });
    expect(drawnTexts(svg)).toContain('mean ± sd, n = 2–3 folds; dots: single folds');
  });

  it('draws no series, and series without points', () => {
    expect(drawnTexts(drawAccuracyLines({ ...base, series: [] }))).toContain('no data');
    expect(drawnTexts(drawAccuracyLines({ ...base, series: [{ name: 'a', points: [] }] }))).toContain(
      'no data',
    );
  });

  it('fits long names of categories and series, and many ticks', () => {
    const long = 'a method with an unreasonably long name & more';
    const points = ['one', 'two', 'three', 'four', 'five'].map((x) => ({
      x: `${x} ${long}`,
      values: [0.1, 0.2],
    }));
    const named = drawAccuracyLines({ ...base, title: `${long} ${long}`, series: [{ name: long, points }] });
    expect(textFaults(named)).toEqual([]);
    const places = Array.from({ length: 10 }, (_, index) => ({ x: 1000 + index, values: [0.1 * index] }));
    expect(
      textFaults(drawAccuracyLines({ ...base, width: 150, series: [{ name: 'a', points: places }] })),
    ).toEqual([]);
  });

  it('is the same text each time', () => {
    expect(drawAccuracyLines(published)).toBe(drawAccuracyLines(published));
  });
});

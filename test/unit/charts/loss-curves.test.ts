import { describe, expect, it } from 'vitest';
import { drawLossCurves } from '../../../src/charts/loss-curves.ts';
import { descriptionOf, drawnTexts, elementsOf, pathNumbers, readSvg, textFaults } from './read-svg.ts';

const falling = (count: number, from = 0.05) =>
  Array.from({ length: count }, (_, epoch) => from / (epoch + 1));
const both = (train: number[], validation: number[]) => [
  { name: 'train', values: train },
  { name: 'validation', values: validation },
];
/** Lines of series have a joined stroke. */
const lines = (svg: string) =>
  elementsOf(readSvg(svg), 'path').filter(({ attributes }) => attributes['stroke-linejoin'] === 'round');

describe('loss curves', () => {
  it('draws a line a series, told apart by colour and dashes', () => {
    const svg = drawLossCurves({ series: both(falling(30), falling(30, 0.06)) });
    expect(lines(svg).map(({ attributes }) => attributes.d.match(/[ML]/g)!.length)).toEqual([30, 30]);
    expect(new Set(lines(svg).map(({ attributes }) => attributes['stroke-dasharray'])).size).toBe(2);
    expect(drawnTexts(svg)).toEqual(expect.arrayContaining(['train', 'validation', 'epoch', 'MSE']));
  });

  it('has a logarithmic axis: equal ratios are equal heights', () => {
    const [line] = lines(drawLossCurves({ series: [{ name: 'train', values: [1, 0.1, 0.01] }] }));
    const [, y1, , y2, , y3] = pathNumbers(line.attributes.d);
    expect(y2 - y1).toBeCloseTo(y3 - y2, 0);
    const [straight] = lines(
      drawLossCurves({ series: [{ name: 'train', values: [1, 0.1, 0.01] }], yScale: 'linear' }),
    );
    const [, z1, , z2, , z3] = pathNumbers(straight.attributes.d);
    expect(z2 - z1).toBeGreaterThan(8 * (z3 - z2));
  });

  it('marks the best epoch on the last series, with its value', () => {
    const svg = drawLossCurves({ series: both(falling(30), falling(30, 0.06)), bestEpoch: 25 });
    expect(drawnTexts(svg)).toContain('best epoch 25: 0.0024');
    const at = pathNumbers(lines(svg)[1].attributes.d).slice(48, 50);
    const dotted = elementsOf(readSvg(svg), 'path').find(
      (path) => path.attributes['stroke-dasharray'] === '1.5 2.5',
    );
    expect(pathNumbers(dotted!.attributes.d)[0]).toBe(at[0]);
    expect(textFaults(svg)).toEqual([]);
  });

  it.each([1, 2, 29, 30])('keeps the label of best epoch %i inside the picture', (bestEpoch) => {
    const svg = drawLossCurves({ series: both(falling(30), falling(30)), bestEpoch, width: 200 });
    expect(textFaults(svg)).toEqual([]);
  });

  it('ignores a best epoch that is not there', () => {
    const svg = drawLossCurves({ series: both(falling(3), falling(3)), bestEpoch: 4 });
    expect(drawnTexts(svg).join()).not.toContain('best');
  });

  it('leaves a gap for values that have no logarithm, and counts them', () => {
    const svg = drawLossCurves({ series: [{ name: 'train', values: [1, 0, Number.NaN, -1, 0.5, 0.25] }] });
    expect(lines(svg)[0].attributes.d.match(/M/g)).toHaveLength(2);
    expect(descriptionOf(svg)).toContain('train: 3 epochs, least 0.25, 3 values not drawn');
  });

  it('is linear where no value is positive', () => {
    const svg = drawLossCurves({ series: [{ name: 'train', values: [-2, -1, 0] }] });
    expect(descriptionOf(svg)).toContain('on a linear scale');
    expect(lines(svg)[0].attributes.d.match(/[ML]/g)).toHaveLength(3);
  });

  it('draws no series, no epochs, one epoch, a constant, and a thousand epochs with whole ticks', () => {
    expect(drawnTexts(drawLossCurves({ series: [] }))).toContain('no data');
    expect(drawnTexts(drawLossCurves({ series: both([], []), bestEpoch: 1 }))).toContain('no data');
    const one = drawLossCurves({ series: both([0.5], [0.6]), bestEpoch: 1 });
    expect(lines(one)[0].attributes.d).toMatch(/^M[\d.]+ [\d.]+h0$/);
    expect(textFaults(one)).toEqual([]);
    expect(readSvg(drawLossCurves({ series: both([0.5, 0.5], [0.5, 0.5]) })).name).toBe('svg');
    const long = drawLossCurves({ title: 'CAE, d = 30', series: both(falling(1000), falling(1000)) });
    expect(drawnTexts(long)).toEqual(expect.arrayContaining(['200', '1,000']));
    expect(textFaults(long)).toEqual([]);
  });

  it('fits long names and labels', () => {
    const name = 'a series with an unreasonably long name that would leave any picture of this size & more';
    const svg = drawLossCurves({
      title: name,
      xLabel: name,
      yLabel: name,
      series: [1, 2, 3].map(() => ({ name, values: falling(9) })),
    });
    expect(textFaults(svg)).toEqual([]);
  });
});

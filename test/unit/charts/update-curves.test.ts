import { describe, expect, it } from 'vitest';
import { drawUpdateCurves, type UpdateCurvesInput } from '../../../src/charts/update-curves.ts';
import { descriptionOf, drawnTexts, elementsOf, readSvg, textFaults } from './read-svg.ts';

function curves(count: number): UpdateCurvesInput {
  const values = Array.from({ length: count }, (_, index) => 0.6 + 0.001 * index);
  const series = ['train', 'val', 'test'].map((name) => ({ name, values }));
  return {
    updates: Array.from({ length: count }, (_, index) => index * 20),
    panels: ['ACC', 'NMI', 'ARI'].map((name) => ({ name, series })),
  };
}
const lines = (svg: string) =>
  elementsOf(readSvg(svg), 'path').filter(({ attributes }) => attributes['stroke-linejoin'] === 'round');

describe('update curves', () => {
  it('draws a panel a metric and a line a split, with one legend', () => {
    const svg = drawUpdateCurves(curves(40));
    expect(lines(svg)).toHaveLength(9);
    expect(new Set(lines(svg).map(({ attributes }) => attributes.stroke)).size).toBe(3);
    for (const text of ['ACC', 'NMI', 'ARI', 'train', 'val', 'test']) {
      expect(drawnTexts(svg).filter((drawn) => drawn === text)).toHaveLength(1);
    }
    expect(textFaults(svg)).toEqual([]);
  });

  it('marks each update where they are few', () => {
    const markers = (svg: string) => (svg.match(/h0/g) ?? []).length;
    expect(markers(drawUpdateCurves(curves(5)))).toBe(3 * 5 + 1);
    expect(markers(drawUpdateCurves(curves(40)))).toBe(0);
  });

  it('shows the asked range, widened by values outside it', () => {
    const shown = drawnTexts(drawUpdateCurves({ ...curves(5), yRange: [0, 1] }));
    expect(shown).toEqual(expect.arrayContaining(['0', '1.0']));
    const negative = {
      ...curves(2),
      panels: [{ name: 'ARI', series: [{ name: 'test', values: [-0.1, 0.5] }] }],
    };
    expect(drawnTexts(drawUpdateCurves({ ...negative, yRange: [0, 1] }))).toContain('−0.2');
  });

  it('keeps the colour of a split where a panel lacks another', () => {
    const input = curves(3);
    const panels = [input.panels[0], { name: 'NMI', series: [input.panels[1].series[2]] }];
    const drawn = lines(drawUpdateCurves({ ...input, panels }));
    expect(drawn[3].attributes.stroke).toBe(drawn[2].attributes.stroke);
  });

  it('leaves gaps for values that are missing or not numbers, and counts them', () => {
    const series = [{ name: 'test', values: [0.5, Number.NaN, 0.6] }];
    const svg = drawUpdateCurves({ updates: [0, 20, 40, 60], panels: [{ name: 'ACC', series }] });
    expect(lines(svg)[0].attributes.d.match(/M/g)).toHaveLength(2);
    expect(descriptionOf(svg)).toContain('test ends at 0.600 (2 values missing)');
  });

  it('draws no panels, no updates, and a single one', () => {
    expect(drawnTexts(drawUpdateCurves({ updates: [], panels: [] }))).toContain('no data');
    expect(readSvg(drawUpdateCurves(curves(0))).name).toBe('svg');
    expect(textFaults(drawUpdateCurves(curves(1)))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { drawClusterSizes } from '../../../src/charts/cluster-sizes.ts';
import { descriptionOf, drawnTexts, elementsOf, readSvg, textFaults } from './read-svg.ts';

const input = {
  clusterNames: ['cluster 0', 'cluster 1'],
  partNames: ['CT', 'MRI'],
  counts: [
    [30, 10],
    [0, 20],
  ],
};
const bars = (svg: string) =>
  elementsOf(readSvg(svg), 'rect').filter(({ attributes }) => attributes.height === '20');

describe('cluster sizes', () => {
  it('draws parts in proportion, the longest bar over the whole width, with totals', () => {
    const svg = drawClusterSizes({ ...input, width: 400 });
    expect(bars(svg).map(({ attributes }) => Number(attributes.width))).toEqual([300, 100, 200]);
    expect(drawnTexts(svg)).toEqual(expect.arrayContaining(['40', '20', '30', '10', 'CT', 'MRI']));
    expect(textFaults(svg)).toEqual([]);
  });

  it('has neither legend nor inner numbers for undivided bars', () => {
    const svg = drawClusterSizes({ ...input, partNames: ['images'], counts: [[40], [20]] });
    expect(drawnTexts(svg)).toEqual(['cluster 0', '40', 'cluster 1', '20']);
  });

  it('draws empty clusters, counts that are not numbers, and no clusters', () => {
    const svg = drawClusterSizes({ ...input, counts: [[0, 0], [Number.NaN]] });
    expect(bars(svg)).toEqual([]);
    expect(descriptionOf(svg)).toContain('1 counts are not numbers and left out');
    expect(drawnTexts(drawClusterSizes({ ...input, clusterNames: [], counts: [] }))).toContain('no data');
  });
});

import { describe, expect, it } from 'vitest';
import { drawConfusionMatrix } from '../../../src/charts/confusion-matrix.ts';
import { descriptionOf, drawnTexts, elementsOf, readSvg, textFaults } from './read-svg.ts';

const names = (count: number, word = 'class') =>
  Array.from({ length: count }, (_, index) => `${word} ${index}`);
const square = (count: number, value: (row: number, column: number) => number) =>
  Array.from({ length: count }, (_, row) =>
    Array.from({ length: count }, (__, column) => value(row, column)),
  );
/** Fill of the cell at a row and column, where it is shaded. */
const shades = (svg: string) => elementsOf(readSvg(svg), 'rect').slice(1, -1);

describe('confusion matrix', () => {
  const heads = {
    counts: [
      [40, 36, 0],
      [24, 35, 2],
      [0, 1, 47],
    ],
    rowNames: ['CT', 'MRI', 'PET'],
    columnNames: ['CT', 'MRI', 'PET'],
  };

  it('writes counts, shares of the row, and row totals', () => {
    const texts = drawnTexts(drawConfusionMatrix(heads));
    // 40 of 76, 47 of 48.
    expect(texts).toEqual(expect.arrayContaining(['40', '53 %', '47', '98 %', '76', '61', '48', 'n']));
    expect(textFaults(drawConfusionMatrix({ ...heads, title: 'DEC, test' }))).toEqual([]);
  });

  it('shades by the share of the row, and leaves zeros white', () => {
    const cells = shades(drawConfusionMatrix(heads));
    expect(cells).toHaveLength(7);
    const red = cells.map(({ attributes }) => Number.parseInt(attributes.fill.slice(1, 3), 16));
    // Cells in reading order: 40, 36; 24, 35, 2; 1, 47.
    expect(red[6]).toBe(Math.min(...red));
    expect(red[5]).toBe(Math.max(...red));
    expect(red[0]).toBeLessThan(red[1]);
  });

  it('does not call a small share none', () => {
    const svg = drawConfusionMatrix({ counts: [[999, 1]], rowNames: ['a'], columnNames: ['b', 'c'] });
    expect(drawnTexts(svg)).toContain('<1 %');
  });

  it('takes more clusters than classes, and slants long names', () => {
    const svg = drawConfusionMatrix({
      counts: [[1, 2, 3, 4]],
      rowNames: ['only'],
      columnNames: names(4, 'a cluster with a long name, number'),
    });
    expect(
      elementsOf(readSvg(svg), 'text').filter(({ attributes }) => /-45/.test(attributes.transform)),
    ).toHaveLength(4);
    expect(textFaults(svg)).toEqual([]);
  });

  it.each([1, 4, 10, 30])('fits %i classes', (count) => {
    const counts = square(count, (row, column) => (row === column ? 1234 : (row * column) % 4));
    const svg = drawConfusionMatrix({ counts, rowNames: names(count), columnNames: names(count, 'cluster') });
    expect(textFaults(svg)).toEqual([]);
    expect(svg.length).toBeLessThan(150_000);
  });

  it('draws an empty row without shades, a cell that is not a number as a dash, and no classes', () => {
    const svg = drawConfusionMatrix({
      counts: [
        [0, 0],
        [Number.NaN, 2],
      ],
      rowNames: ['a', 'b'],
      columnNames: ['a', 'b'],
    });
    expect(shades(svg)).toHaveLength(1);
    expect(drawnTexts(svg)).toContain('–');
    expect(descriptionOf(svg)).toContain('1 cells are not numbers');
    expect(drawnTexts(drawConfusionMatrix({ counts: [], rowNames: [], columnNames: [] }))).toContain(
      'no data',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { svgToPng } from '../../../src/charts/png.ts';
import { drawScatter, placePoints, type ScatterInput } from '../../../src/charts/scatter.ts';
import { createRandom } from '../../../src/core/random.ts';
import { descriptionOf, drawnTexts, elementsOf, pathNumbers, readSvg, textFaults } from './read-svg.ts';

/** `n` points of `k` classes in turn, about centres on a line. */
function cloud(n: number, k: number): ScatterInput {
  const random = createRandom('cloud');
  const classes = Array.from({ length: n }, (_, index) => index % k);
  return {
    classNames: Array.from({ length: k }, (_, index) => `class ${index}`),
    classes,
    coordinates: classes.flatMap((one) => [one * 3 + random.next(), random.next()]),
  };
}

function centresOf(svg: string) {
  return elementsOf(readSvg(svg), 'circle').map(({ attributes }) => [
    Number(attributes.cx),
    Number(attributes.cy),
  ]);
}
const borders = (svg: string) =>
  elementsOf(readSvg(svg), 'path').filter(({ attributes }) => attributes['stroke-dasharray'] === '5 3');
const cells = (svg: string) =>
  elementsOf(readSvg(svg), 'path').filter(({ attributes }) => /Z$/.test(attributes.d));

describe('scatter', () => {
  it('draws one path a class, and counts each in the legend', () => {
    const svg = drawScatter(cloud(100, 3));
    const points = elementsOf(readSvg(svg), 'path').filter(({ attributes }) => attributes.opacity === '0.8');
    expect(points.map(({ attributes }) => attributes.d.match(/M/g)!.length)).toEqual([34, 33, 33]);
    expect(drawnTexts(svg)).toEqual(['class 0', '34', 'class 1', '33', 'class 2', '33']);
    expect(descriptionOf(svg)).toBe('100 points in 3 classes: class 0 34, class 1 33, class 2 33.');
  });

  it('keeps 2,000 points of three classes below 80 kB', () => {
    expect(drawScatter(cloud(2000, 3)).length).toBeLessThan(80_000);
  });

  it('has one scale for both axes: two centres differ by the same px in x as in y', () => {
    const svg = drawScatter({
      ...cloud(0, 1),
      coordinates: [0, 0, 100, 10],
      classes: [0, 0],
      centres: { coordinates: [0, 0, 10, 0, 0, 10] },
    });
    const [origin, right, up] = centresOf(svg);
    expect(right[0] - origin[0]).toBeCloseTo(origin[1] - up[1], 1);
    expect(right[0] - origin[0]).toBeCloseTo(32.4, 1); // 360 px · 0.9 / 100 units · 10 units
  });

  it('borders two cells half-way between their centres, within the frame', () => {
    const svg = drawScatter({ ...cloud(0, 1), centres: { coordinates: [0, 0, 10, 0], classes: [0, 0] } });
    const [left, right] = centresOf(svg);
    const [border, ...more] = borders(svg);
    expect(more).toEqual([]);
    const numbers = pathNumbers(border.attributes.d);
    const x = numbers.filter((_, index) => index % 2 === 0);
    const y = numbers.filter((_, index) => index % 2 === 1);
    expect(new Set(x)).toEqual(new Set([(left[0] + right[0]) / 2]));
    expect([Math.min(...y), Math.max(...y)]).toEqual([12, 372]);
    expect(cells(svg)).toHaveLength(2);
  });

  it('clips all cells of many centres to the frame', () => {
    const random = createRandom('centres');
    const coordinates = Array.from({ length: 60 }, () => random.next());
    const svg = drawScatter({
      ...cloud(90, 30),
      centres: { coordinates, classes: coordinates.map((_, i) => i) },
    });
    expect(cells(svg)).toHaveLength(30);
    for (const { attributes } of [...cells(svg), ...borders(svg)]) {
      for (const value of pathNumbers(attributes.d)) {
        expect(value).toBeGreaterThanOrEqual(12);
        expect(value).toBeLessThanOrEqual(372);
      }
    }
  });

  it('draws no cells for one centre, for equal centres, or where told not to', () => {
    const base = cloud(6, 2);
    for (const centres of [
      { coordinates: [1, 1] },
      { coordinates: [1, 1, 1, 1] },
      { coordinates: [0, 0, 1, 1], cells: false },
    ]) {
      const svg = drawScatter({ ...base, centres });
      expect(borders(svg)).toEqual([]);
      expect(centresOf(svg)).toHaveLength(centres.coordinates.length / 2);
    }
  });

  it('tints cells by class only where classes are given', () => {
    const coordinates = [0, 0, 3, 0, 6, 1];
    expect(cells(drawScatter({ ...cloud(9, 3), centres: { coordinates } }))).toEqual([]);
    const tinted = cells(drawScatter({ ...cloud(9, 3), centres: { coordinates, classes: [2, 0, 1] } }));
    expect(new Set(tinted.map(({ attributes }) => attributes.fill)).size).toBe(3);
  });

  it('names centres by number, or as told', () => {
    const centres = { coordinates: [0, 0, 1, 1] };
    expect(drawnTexts(drawScatter({ ...cloud(2, 1), centres })).slice(0, 2)).toEqual(['0', '1']);
    const named = drawScatter({ ...cloud(2, 1), centres: { ...centres, names: ['A', 'B'] } });
    expect(drawnTexts(named).slice(0, 2)).toEqual(['A', 'B']);
  });

  it('leaves out points that are not finite or of no known class, and says how many', () => {
    const svg = drawScatter({
      classNames: ['a'],
      classes: [0, 0, 5, -1, 0],
      coordinates: [0, 0, Number.NaN, 1, 1, 1, 2, 2, 1, Number.POSITIVE_INFINITY],
      centres: { coordinates: [0, 0, Number.NaN, 0, 1, 1] },
    });
    expect(descriptionOf(svg)).toContain('1 points in 1 classes');
    expect(descriptionOf(svg)).toContain('4 points without a finite place or a known class are left out');
    expect(descriptionOf(svg)).toContain('2 cluster centres are marked');
    // The index of a centre stays its name.
    expect(drawnTexts(svg).slice(0, 2)).toEqual(['0', '2']);
  });

  it('draws no points, one point, and equal points', () => {
    expect(drawnTexts(drawScatter({ classNames: [], classes: [], coordinates: [] }))).toEqual(['no data']);
    const one = { classNames: ['a'], classes: [0], coordinates: [7, -7] };
    expect(readSvg(drawScatter(one)).name).toBe('svg');
    const equal = { classNames: ['a'], classes: [0, 0, 0], coordinates: [5, 5, 5, 5, 5, 5] };
    const points = elementsOf(readSvg(drawScatter(equal)), 'path')[0].attributes.d;
    expect(points).toBe('M192 192h0'.repeat(3));
  });

  it('fits thirty classes with long names, a title and labels without overlap', () => {
    const base = cloud(300, 30);
    const svg = drawScatter({
      ...base,
      title: 'A title that is much too long for one line above a square plot of this size, so it is wrapped',
      xLabel: 'UMAP 1',
      yLabel: 'UMAP 2',
      classNames: base.classNames.map((name) => `${name} with <markup> & a long name`),
    });
    expect(textFaults(svg)).toEqual([]);
    expect(drawnTexts(svg).filter((text) => text === '10')).toHaveLength(30);
  });

  it('is the same text each time, and can be rendered', () => {
    const draw = () => drawScatter({ ...cloud(50, 2), centres: { coordinates: [0, 0, 3, 0] } });
    expect(draw()).toBe(draw());
    expect(svgToPng(draw()).length).toBeGreaterThan(1000);
  });
});

describe('places of points', () => {
  it('are where the drawing has them, and null for those it leaves out', () => {
    const input = { ...cloud(6, 2), coordinates: [0, 0, 1, 0, 2, 1, Number.NaN, 1, 4, 2, 5, 3] };
    const places = placePoints(input);
    expect(places[3]).toBeNull();
    const drawn = elementsOf(readSvg(drawScatter(input)), 'path').filter(
      ({ attributes }) => attributes.opacity === '0.8',
    )[0];
    const first = /^M([\d.]+) ([\d.]+)/.exec(drawn.attributes.d)!;
    expect(Number(first[1])).toBeCloseTo(places[0]![0], 1);
    expect(Number(first[2])).toBeCloseTo(places[0]![1], 1);
  });
});

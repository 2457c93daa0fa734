import { describe, expect, it } from 'vitest';
import { drawMarkers, type MarkerShape } from '../../../src/charts/markers.ts';
import { elementsOf, readSvg } from './read-svg.ts';

const SHAPES: MarkerShape[] = [
  'circle',
  'square',
  'triangle',
  'triangle-down',
  'diamond',
  'ring',
  'plus',
  'cross',
];

describe('markers', () => {
  it.each(SHAPES)('draws all %ss as one path', (shape) => {
    const svg = drawMarkers(
      [
        [1, 2],
        [30, 40],
      ],
      { shape, colour: '#0072B2', radius: 3 },
    );
    const [path, ...more] = elementsOf(readSvg(`<svg>${svg}</svg>`), 'path');
    expect(more).toEqual([]);
    expect(path.attributes.d.match(/M/g)).toHaveLength(2);
  });

  it('gives each shape an outline of its own', () => {
    const drawn = SHAPES.map((shape) => drawMarkers([[5, 5]], { shape, colour: '#000', radius: 3 }));
    expect(new Set(drawn).size).toBe(SHAPES.length);
  });

  it('keeps 2,000 markers of the largest shape below 130 kB, of circles below 35 kB', () => {
    const points = Array.from({ length: 2000 }, (_, index) => [100 + index / 7, 300 - index / 9] as const);
    const size = (shape: MarkerShape) => drawMarkers(points, { shape, colour: '#000', radius: 2.1 }).length;
    expect(Math.max(...SHAPES.map(size))).toBeLessThan(130_000);
    expect(size('circle')).toBeLessThan(35_000);
  });

  it('draws nothing for no points', () => {
    expect(drawMarkers([], { shape: 'circle', colour: '#000', radius: 3 })).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { drawSampleGrid } from '../../../src/charts/sample-grid.ts';
import { descriptionOf, drawnTexts, elementsOf, readSvg, textFaults } from './read-svg.ts';

const image = (value: number, height = 8, width = 10) => ({
  pixels: new Float32Array(height * width).fill(value),
  height,
  width,
});

describe('sample grid', () => {
  it('puts each group into a row of its own, its images side by side', () => {
    const groups = ['CT', 'MRI'].map((name) => ({ name, images: [image(0), image(0.5), image(1)] }));
    const svg = drawSampleGrid({ groups, cell: 40 });
    const places = elementsOf(readSvg(svg), 'image').map(({ attributes }) => [attributes.y, attributes.x]);
    expect(new Set(places.map(([y]) => y)).size).toBe(2);
    expect(new Set(places.map(([, x]) => x)).size).toBe(3);
    expect(new Set(places.map(String)).size).toBe(6);
    expect(drawnTexts(svg)).toEqual(['CT', 'MRI']);
    expect(descriptionOf(svg)).toBe('Example images in rows by group (CT: 3, MRI: 3).');
  });

  it('leaves no gaps between rows of flat images', () => {
    const svg = drawSampleGrid({ groups: [{ name: 'CT', images: [image(0, 5, 10)] }], cell: 40 });
    expect(elementsOf(readSvg(svg), 'image')[0].attributes).toMatchObject({ width: '40', height: '20' });
    expect(Number(readSvg(svg).attributes.height)).toBe(12 + 20 + 12);
  });

  it('says where a group has no images, and where there are no groups', () => {
    const svg = drawSampleGrid({ groups: [{ name: 'PET', images: [] }] });
    expect(drawnTexts(svg)).toEqual(['PET', 'no images']);
    expect(drawnTexts(drawSampleGrid({ groups: [] }))).toEqual(['no data']);
  });

  it('counts pixels that are not numbers', () => {
    const svg = drawSampleGrid({ groups: [{ name: 'CT', images: [image(Number.NaN, 1, 3)] }] });
    expect(descriptionOf(svg)).toContain('3 pixels are not numbers');
  });

  it('escapes and fits long names and titles', () => {
    const name = 'a <group> & its "unreasonably long" name that never ends';
    const svg = drawSampleGrid({
      title: `${name} ${name}`,
      groups: [{ name, images: [image(0), image(1)] }],
    });
    expect(textFaults(svg)).toEqual([]);
    expect(descriptionOf(svg)).toContain(name);
  });

  it('is the same text each time', () => {
    const draw = () => drawSampleGrid({ groups: [{ name: 'CT', images: [image(0.3)] }] });
    expect(draw()).toBe(draw());
  });
});

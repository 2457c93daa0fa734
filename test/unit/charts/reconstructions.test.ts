import { describe, expect, it } from 'vitest';
import { drawReconstructions } from '../../../src/charts/reconstructions.ts';
import { descriptionOf, drawnTexts, elementsOf, readSvg, textFaults } from './read-svg.ts';

const image = (value: number) => ({ pixels: new Float32Array(64).fill(value), height: 8, width: 8 });
const pair = (mse: number) => ({ original: image(1), reconstruction: image(0.5), mse });

describe('reconstructions', () => {
  it('puts each reconstruction below its original, and the error below both', () => {
    const svg = drawReconstructions({
      groups: [{ name: 'CT', pairs: [pair(0.0024), pair(0.00059)] }],
      cell: 50,
    });
    const images = elementsOf(readSvg(svg), 'image').map(({ attributes }) => attributes);
    expect(images).toHaveLength(4);
    expect(images[0].x).toBe(images[1].x);
    expect(Number(images[1].y) - Number(images[0].y)).toBe(52);
    const errors = elementsOf(readSvg(svg), 'text').filter(({ text }) => /^0\./.test(text));
    expect(errors.map(({ text }) => text)).toEqual(['0.00240', '0.00059']);
    expect(Number(errors[0].attributes.x)).toBe(Number(images[0].x) + 25);
    expect(Number(errors[0].attributes.y)).toBeGreaterThan(Number(images[1].y) + 50);
  });

  it('names rows and groups, without overlap', () => {
    const groups = ['CT', 'MRI', 'a modality with a very long name'].map((name) => ({
      name,
      pairs: [pair(0.1)],
    }));
    const svg = drawReconstructions({ title: 'Test', groups });
    expect(drawnTexts(svg).filter((text) => text === 'reconstruction')).toHaveLength(3);
    expect(textFaults(svg)).toEqual([]);
  });

  it('says where a group has no images, and writes a dash for an error that is not a number', () => {
    const svg = drawReconstructions({
      groups: [
        { name: 'CT', pairs: [] },
        { name: 'PET', pairs: [pair(Number.NaN)] },
      ],
    });
    expect(drawnTexts(svg)).toContain('no images');
    expect(drawnTexts(svg)).toContain('–');
    expect(drawnTexts(drawReconstructions({ groups: [] }))).toEqual(['no data']);
    expect(descriptionOf(svg)).toContain('PET: mean squared errors –');
  });
});

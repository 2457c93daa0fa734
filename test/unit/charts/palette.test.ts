import { describe, expect, it } from 'vitest';
import { appearanceOf, inkOn, sequentialColour, tint } from '../../../src/charts/palette.ts';

describe('palette', () => {
  it('gives 56 classes 56 pairs of colour and shape, and neighbours differ in both', () => {
    const pairs = Array.from({ length: 56 }, (_, index) => appearanceOf(index));
    expect(new Set(pairs.map(({ colour, shape }) => `${colour} ${shape}`)).size).toBe(56);
    pairs.slice(1).forEach((pair, index) => {
      expect(pair.colour).not.toBe(pairs[index].colour);
      expect(pair.shape).not.toBe(pairs[index].shape);
    });
  });

  it('gives the first seven series seven dash patterns', () => {
    expect(new Set(Array.from({ length: 7 }, (_, index) => appearanceOf(index).dash)).size).toBe(7);
  });

  it('mixes with white', () => {
    expect(tint('#000000', 0)).toBe('#ffffff');
    expect(tint('#0072B2', 1)).toBe('#0072b2');
    expect(tint('#000000', 0.5)).toBe('#808080');
  });

  it('darkens with the share, all along', () => {
    const red = Array.from({ length: 11 }, (_, index) =>
      Number.parseInt(sequentialColour(index / 10).slice(1, 3), 16),
    );
    for (let index = 1; index < red.length; index++) expect(red[index]).toBeLessThan(red[index - 1]);
    expect(sequentialColour(-1)).toBe('#ffffff');
    expect(sequentialColour(2)).toBe(sequentialColour(1));
  });

  it('writes dark on light and white on dark', () => {
    expect(inkOn('#ffffff')).toBe('#222222');
    expect(inkOn('#000000')).toBe('#ffffff');
    expect(inkOn(sequentialColour(0.5))).toBe('#222222');
    expect(inkOn(sequentialColour(1))).toBe('#ffffff');
  });
});

import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { svgToPng } from '../../../src/charts/png.ts';
import { svgDocument } from '../../../src/charts/svg.ts';
import { drawText } from '../../../src/charts/text.ts';

const picture = (...children: string[]) =>
  svgDocument({ width: 120, height: 40, title: 't', description: 'd' }, ...children);

/** Pixels darker than middle grey. */
function darkPixels(png: Uint8Array): number {
  const { data, channels } = decode(png);
  let count = 0;
  for (let index = 0; index < data.length; index += channels) if (data[index] < 128) count++;
  return count;
}

describe('svgToPng', () => {
  it('has the size of the picture times the scale', () => {
    for (const scale of [1, 2, 3]) {
      const { width, height } = decode(svgToPng(picture(), { scale }));
      expect([width, height]).toEqual([120 * scale, 40 * scale]);
    }
  });

  it('doubles the size where no scale is given', () => {
    expect(decode(svgToPng(picture())).width).toBe(240);
  });

  it.each([{}, { bold: true }, { italic: true }])('draws letters, the font being found (%o)', (style) => {
    const text = drawText({ text: 'Label γ ± 10⁻³', x: 5, y: 25, size: 12, ...style });
    expect(darkPixels(svgToPng(picture()))).toBe(0);
    expect(darkPixels(svgToPng(picture(text)))).toBeGreaterThan(150);
  });

  it('draws bold and oblique letters differently from plain ones', () => {
    const drawn = [{}, { bold: true }, { italic: true }].map((style) =>
      Buffer.from(svgToPng(picture(drawText({ text: 'Label', x: 5, y: 25, ...style })))).toString('base64'),
    );
    expect(new Set(drawn).size).toBe(3);
  });

  it('fails where a font is not there, instead of dropping all labels', () => {
    expect(() => svgToPng(picture(), { fontFiles: ['/nowhere/a.ttf'] })).toThrow(
      'fonts to draw labels with are not there: /nowhere/a.ttf',
    );
  });

  it('is the same bytes each time', () => {
    const svg = picture(drawText({ text: 'again', x: 5, y: 25 }));
    expect(svgToPng(svg)).toEqual(svgToPng(svg));
  });
});

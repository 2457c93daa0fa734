import { describe, expect, it } from 'vitest';
import { readSvg, textFaults } from './read-svg.ts';

const picture = (...texts: string[]) => `<svg width="100" height="40">${texts.join('')}</svg>`;
const text = (x: number, y: number, content = 'label') =>
  `<text x="${x}" y="${y}" font-size="10">${content}</text>`;

describe('the reader that other tests rely on', () => {
  it.each([
    '<svg><g></svg>',
    '<svg/><svg/>',
    '<svg a="1" a="2"/>',
    '<svg>a & b</svg>',
    '<svg>a < b</svg>',
    '<svg a=1/>',
    '<svg>\u0001</svg>',
  ])('refuses %j', (svg) => {
    expect(() => readSvg(svg)).toThrow();
  });

  it('finds texts that overlap or leave the picture', () => {
    expect(textFaults(picture(text(5, 12), text(5, 30)))).toEqual([]);
    expect(textFaults(picture(text(5, 12, 'one'), text(15, 16, 'two')))).toEqual(["'one' and 'two' overlap"]);
    expect(textFaults(picture(text(90, 12)))).toEqual(["'label' leaves the picture"]);
    expect(textFaults(picture(text(5, 5)))).toEqual(["'label' leaves the picture"]);
  });
});

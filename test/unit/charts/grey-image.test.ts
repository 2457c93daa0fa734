import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { commonCell, countNonFinite, drawGreyImage } from '../../../src/charts/grey-image.ts';
import { elementsOf, readSvg } from './read-svg.ts';

const BOX = { x: 10, y: 20, width: 100, height: 100 };

function imageOf(svg: string) {
  const [image] = elementsOf(readSvg(`<svg>${svg}</svg>`), 'image');
  const png = decode(Buffer.from(image.attributes.href.replace('data:image/png;base64,', ''), 'base64'));
  return { ...image.attributes, png };
}

describe('grey image', () => {
  it('embeds 8-bit pixels, clipped to 0 … 1, what is not a number black', () => {
    const pixels = [0, 0.5, 1, -3, 7, Number.NaN];
    const { png } = imageOf(drawGreyImage({ pixels, height: 2, width: 3 }, BOX));
    expect([png.height, png.width, png.channels, png.depth]).toEqual([2, 3, 1, 8]);
    expect([...png.data]).toEqual([0, 128, 255, 0, 255, 0]);
  });

  it('keeps the aspect, in the middle of the box', () => {
    const flat = { pixels: new Float32Array(8), height: 2, width: 4 };
    expect(imageOf(drawGreyImage(flat, BOX))).toMatchObject({ x: '10', y: '45', width: '100', height: '50' });
  });

  it('enlarges small pictures as squares, large ones smoothly', () => {
    const square = (side: number) => ({ pixels: new Float32Array(side * side), height: side, width: side });
    expect(imageOf(drawGreyImage(square(28), BOX))).toHaveProperty('image-rendering', 'optimizeSpeed');
    expect(imageOf(drawGreyImage(square(128), BOX))).not.toHaveProperty('image-rendering');
  });

  it('finds the smallest cell for pictures of one or several shapes', () => {
    const of = (height: number, width: number) => ({ pixels: [], height, width });
    expect(commonCell([of(100, 200)], 96)).toEqual({ width: 96, height: 48 });
    expect(commonCell([of(100, 200), of(200, 100)], 96)).toEqual({ width: 96, height: 96 });
    expect(commonCell([], 96)).toEqual({ width: 96, height: 96 });
  });

  it('counts pixels that are not numbers', () => {
    const pixels = [0, Number.NaN, Number.POSITIVE_INFINITY];
    expect(countNonFinite([{ pixels, height: 1, width: 3 }])).toBe(2);
  });
});

import { describe, expect, it } from 'vitest';
import { type Affine, compose, IDENTITY, invert, similarity, warp } from '../../../src/imaging/affine.ts';
import { golden, largestDifference } from '../../golden/imaging/load-imaging.ts';

const apply = (map: Affine, x: number, y: number) => [
  map.xx * x + map.xy * y + map.x0,
  map.yx * x + map.yy * y + map.y0,
];
const turn = similarity({ rotationRad: Math.PI / 2, scale: 2, shift: [1, 10], centre: [3, 4] });

describe('affine maps', () => {
  it('turn from x to y about their centre, scale, then shift', () => {
    const [x, y] = apply(turn, 4, 4); // one to the right of the centre
    expect(x).toBeCloseTo(4, 12);
    expect(y).toBeCloseTo(16, 12);
  });

  it('composed with their inverse leave everything in place', () => {
    const both = compose(invert(turn), turn);
    for (const key of Object.keys(IDENTITY) as (keyof Affine)[])
      expect(both[key]).toBeCloseTo(IDENTITY[key], 12);
    expect(() => invert({ ...IDENTITY, xx: 0 })).toThrow(RangeError);
  });

  it('composed apply the inner one first', () => {
    const shift = { ...IDENTITY, x0: 5 };
    expect(apply(compose(turn, shift), 1, 2)).toEqual(apply(turn, 6, 2));
  });
});

describe('warp', () => {
  it.each(golden.warped)('$method by $map equals scipy’s or Pillow’s', ({
    method,
    map,
    height,
    width,
    pixels,
  }) => {
    const [xx, xy, x0, yx, yy, y0] = map;
    const options = { height, width, method, background: 0.5 };
    const result = warp(golden.picture, { xx, xy, x0, yx, yy, y0 }, options);
    expect(largestDifference(result.pixels, pixels)).toBeLessThan(2e-6);
  });

  it.each(['bilinear', 'cubic'] as const)('%s by whole pixels moves values and changes none', (method) => {
    const raster = { pixels: Float32Array.of(1, 2, 3, 4), height: 2, width: 2 };
    const options = { height: 2, width: 2, method, background: 9 };
    expect([...warp(raster, { ...IDENTITY, x0: 1 }, options).pixels]).toEqual([2, 9, 4, 9]);
  });
});

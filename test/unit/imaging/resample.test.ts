import { describe, expect, it } from 'vitest';
import { resize } from '../../../src/imaging/resample.ts';
import { golden, largestDifference } from '../../golden/imaging/load-imaging.ts';

const stretch = { fit: 'stretch', background: 0 } as const;

describe('resize', () => {
  it.each(golden.resized)('$method to $height×$width equals Pillow’s', ({
    method,
    height,
    width,
    pixels,
  }) => {
    const result = resize(golden.picture, { method, height, width, ...stretch });
    expect([result.height, result.width]).toEqual([height, width]);
    // Pillow rounds to float32 between its two passes.
    expect(largestDifference(result.pixels, pixels)).toBeLessThan(5e-7);
  });

  it('leaves a flat picture flat, up to its border', () => {
    const flat = { pixels: new Float32Array(35).fill(0.7), height: 5, width: 7 };
    const { pixels } = resize(flat, { method: 'lanczos', height: 13, width: 3, ...stretch });
    expect(largestDifference(pixels, new Float32Array(39).fill(0.7))).toBeLessThan(1e-7);
  });

  it('pads to keep the aspect, the picture in the middle', () => {
    const wide = { pixels: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), height: 2, width: 4 };
    const options = { method: 'nearest', fit: 'pad', background: -1 } as const;
    const { pixels, height, width } = resize(wide, { height: 5, width: 4, ...options });
    expect([height, width]).toEqual([5, 4]);
    const line = [-1, -1, -1, -1];
    expect([...pixels]).toEqual([...line, 1, 2, 3, 4, 5, 6, 7, 8, ...line, ...line]);
    const thin = resize(
      { pixels: new Float32Array(100), height: 1, width: 100 },
      { height: 3, width: 3, ...options },
    );
    expect([...thin.pixels]).toEqual([-1, -1, -1, 0, 0, 0, -1, -1, -1]);
  });

  it('takes a picture of one pixel', () => {
    const one = { pixels: Float32Array.of(0.25), height: 1, width: 1 };
    const { pixels } = resize(one, { method: 'lanczos', height: 2, width: 3, ...stretch });
    expect([...pixels]).toEqual([0.25, 0.25, 0.25, 0.25, 0.25, 0.25]);
  });
});

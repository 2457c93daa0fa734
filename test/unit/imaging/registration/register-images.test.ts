import { describe, expect, it } from 'vitest';
import { similarity, warp } from '../../../../src/imaging/affine.ts';
import type { Raster } from '../../../../src/imaging/raster.ts';
import { movePicture, registerImages } from '../../../../src/imaging/registration/register-images.ts';
import { cornerPicture, headSlices, meanOf, noisePicture } from '../../../support/heads.ts';

const slices = headSlices('CT', 0);
const fixed = meanOf(slices);

function register(
  moving: Raster,
  options: { reference?: Raster; minLikeness?: number; tolerance?: number } = {},
) {
  return registerImages({
    fixed,
    reference: fixed,
    moving,
    method: 'rigid',
    iterations: 100,
    spacing: null,
    tolerance: 0.025,
    minLikeness: 3,
    ...options,
  });
}

/** A slice moved by this many pixels. */
function moved(right: number): Raster {
  const toSlice = similarity({ rotationRad: 0.15, scale: 1, shift: [-right, 0], centre: [31.5, 31.5] });
  return warp(slices[1], toSlice, { height: 64, width: 64, method: 'cubic', background: 0 });
}

describe('registerImages', () => {
  it('finds how a displaced head lies, and that it lies better afterwards', async () => {
    const { toMoving, similarityBefore, similarityAfter, problem } = await register(moved(6));
    expect(problem).toBeNull();
    expect(toMoving).not.toBeNull();
    expect(similarityAfter).toBeGreaterThan(similarityBefore + 0.05);
  });

  it.each(['a', 'b', 'c'])('is not taken in by noise (%s)', async (seed) => {
    expect((await register(noisePicture(seed))).problem).toMatch(/^not like the fixed picture: its likeness/);
  });

  it('lets noise pass where nothing is asked of its likeness', async () => {
    const { problem } = await register(noisePicture('a'), { minLikeness: 0, tolerance: 1 });
    expect(problem).toBeNull();
  });

  it('says what elastix gave up on, without a similarity after', async () => {
    const { problem, toMoving, similarityAfter } = await register(cornerPicture());
    expect(problem).toMatch(/^elastix: ./);
    expect([toMoving, similarityAfter]).toEqual([null, null]);
  });

  it('flags what lies worse by the reference than before, as far as that is not tolerated', async () => {
    const away = moved(6); // lies on the reference already, and is moved away from it
    const request = { reference: meanOf([away]), minLikeness: 0 };
    expect((await register(away, request)).problem).toMatch(
      /^lies worse than before: similarity 2\.000 → 1\./,
    );
    expect((await register(away, { ...request, tolerance: 1 })).problem).toBeNull();
  });
});

it('movePicture takes pixels from where the map says, 0 from outside, and never overshoots', () => {
  const picture = { pixels: Float32Array.of(0, 0, 1, 1, 0, 0, 0, 0), height: 1, width: 8 };
  const toPicture = { xx: 1, xy: 0, x0: 2.5, yx: 0, yy: 1, y0: 0 };
  const { pixels } = movePicture(picture, toPicture);
  // Keys' kernel half-way: −1/16, 9/16, 9/16, −1/16; at 2.5 of 0 1 1 0 this is 9/8, at 3.5 of 1 1 0 0 1/2.
  expect([...pixels]).toEqual([1, 0.5, 0, 0, 0, 0, 0, 0]);
});

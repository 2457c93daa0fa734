import { expect, it } from 'vitest';
import { warp } from '../../../../src/imaging/affine.ts';
import { placeOnGrid } from '../../../../src/imaging/registration/place-on-grid.ts';

/** A ramp: each pixel says where it is, a quarter of a pixel being .25 across and .75 down. */
const ramp = (height: number, width: number) => ({
  pixels: Float32Array.from(
    { length: height * width },
    (_, pixel) => (pixel % width) + 3 * Math.floor(pixel / width),
  ),
  height,
  width,
});

it('leaves a picture of the size of the grid alone', () => {
  const picture = ramp(6, 8);
  const { raster, toOwn } = placeOnGrid(picture, { height: 6, width: 8 });
  expect(raster).toBe(picture);
  expect(toOwn).toEqual({ xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 });
});

it.each([
  [20, 30, 40, 70], // height decides: 5 columns left and right
  [20, 30, 61, 60], // width decides; an odd row over
  [50, 50, 25, 25], // shrinks
])('says where in a picture of %d×%d each pixel of the %d×%d grid lies', (height, width, gridHeight, gridWidth) => {
  const picture = ramp(height, width);
  const { raster, toOwn } = placeOnGrid(picture, { height: gridHeight, width: gridWidth });
  expect([raster.height, raster.width]).toEqual([gridHeight, gridWidth]);
  const taken = warp(picture, toOwn, {
    height: gridHeight,
    width: gridWidth,
    method: 'bilinear',
    background: 0,
  });
  let compared = 0;
  for (let y = 0; y < gridHeight; y++) {
    for (let x = 0; x < gridWidth; x++) {
      const [ownX, ownY] = [toOwn.xx * x + toOwn.x0, toOwn.yy * y + toOwn.y0];
      if (ownX < 4 || ownX > width - 5 || ownY < 4 || ownY > height - 5) continue; // there Lanczos leans on the border
      expect(Math.abs(raster.pixels[y * gridWidth + x] - taken.pixels[y * gridWidth + x])).toBeLessThan(0.15);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(100);
});

it('puts the background around what does not fill the grid', () => {
  const white = { pixels: new Float32Array(4).fill(1), height: 2, width: 2 };
  const { raster } = placeOnGrid(white, { height: 2, width: 4 });
  expect([...raster.pixels]).toEqual([0, 1, 1, 0, 0, 1, 1, 0]);
});

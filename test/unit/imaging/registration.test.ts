import { describe, expect, it } from 'vitest';
import { type Affine, invert, similarity, warp } from '../../../src/imaging/affine.ts';
import type { Raster } from '../../../src/imaging/raster.ts';
import { type RegistrationMethod, registerPicture } from '../../../src/imaging/registration.ts';

const SIZE = 48;
const CENTRE: readonly [number, number] = [(SIZE - 1) / 2, (SIZE - 1) / 2];

/** An ellipse with a bright spot on one side: no turn maps it onto itself. */
const fixed: Raster = {
  pixels: Float32Array.from({ length: SIZE * SIZE }, (_, pixel) => {
    const [x, y] = [(pixel % SIZE) - CENTRE[0], Math.floor(pixel / SIZE) - CENTRE[1]];
    const edge = 1 / (1 + Math.exp(8 * ((x / 13) ** 2 + (y / 18) ** 2 - 1)));
    return edge * (0.5 + 0.5 * Math.exp(-((x - 5) ** 2 + (y - 7) ** 2) / 18));
  }),
  height: SIZE,
  width: SIZE,
};

/** The picture moved by the inverse of the map, its contrast that of another modality. */
function displaced(toFixed: Affine): Raster {
  const moved = warp(fixed, toFixed, { height: SIZE, width: SIZE, method: 'cubic', background: 0 });
  return { ...moved, pixels: moved.pixels.map((value) => Math.exp(-2 * value)) };
}

async function register(moving: Raster, method: RegistrationMethod, spacing: [number, number] | null = null) {
  const found = await registerPicture(fixed, moving, { method, iterations: 256, spacing });
  if ('problem' in found) throw new Error(found.problem);
  return found.toMoving;
}

/** Largest distance, in pixels, between where both maps put the corners of the head. */
function distance(a: Affine, b: Affine): number {
  const at = ({ xx, xy, x0, yx, yy, y0 }: Affine, x: number, y: number) => [
    xx * x + xy * y + x0,
    yx * x + yy * y + y0,
  ];
  const corners = [10, 38].flatMap((x) => [6, 42].map((y) => [x, y] as const));
  return Math.max(
    ...corners.map(([x, y]) => {
      const [[ax, ay], [bx, by]] = [at(a, x, y), at(b, x, y)];
      return Math.hypot(ax - bx, ay - by);
    }),
  );
}

describe('registerPicture', () => {
  it.each<[RegistrationMethod, number, number]>([
    ['rigid', 1, 1],
    ['similarity', 1.12, 1],
    ['affine', 0.9, 1.5],
  ])('finds a displacement again, %s at scale %f, to %f pixels', async (method, scale, pixels) => {
    const toFixed = similarity({ rotationRad: 0.2, scale, shift: [3, -2], centre: CENTRE });
    const found = await register(displaced(toFixed), method);
    expect(distance(found, invert(toFixed))).toBeLessThan(pixels);
  });

  it('is the same each time', async () => {
    const moving = displaced(similarity({ rotationRad: 0.1, scale: 1, shift: [2, 1], centre: CENTRE }));
    expect(await register(moving, 'rigid')).toEqual(await register(moving, 'rigid'));
  });

  it('gives its map in pixels where these are no squares', async () => {
    const toFixed = similarity({ rotationRad: 0, scale: 1, shift: [4, -3], centre: CENTRE });
    const found = await register(displaced(toFixed), 'rigid', [1.5, 1]);
    expect(distance(found, invert(toFixed))).toBeLessThan(1);
  });

  it('finds nothing in a picture of one value, and says so', async () => {
    const flat = { ...fixed, pixels: new Float32Array(SIZE * SIZE) };
    const found = await registerPicture(fixed, flat, { method: 'rigid', iterations: 10, spacing: null });
    expect(found).toEqual({ problem: 'a picture of one value has nothing to register by' });
  });
});

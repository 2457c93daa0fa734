import { type Affine, IDENTITY } from '../affine.ts';
import type { Raster } from '../raster.ts';
import { resize } from '../resample.ts';
import { clipOvershoot } from './clip-overshoot.ts';

export interface Grid {
  readonly height: number;
  readonly width: number;
}

export interface PlacedPicture {
  /** Of the grid's size. */
  readonly raster: Raster;
  /** Where in the picture itself a pixel of the grid lies. */
  readonly toOwn: Affine;
}

/**
 * Brings a picture to the size of a grid: resized as a whole until it fills the height or the width, and
 * centred, 0 around it. One of that size already is left as it is.
 */
export function placeOnGrid(picture: Raster, grid: Grid): PlacedPicture {
  if (picture.height === grid.height && picture.width === grid.width)
    return { raster: picture, toOwn: IDENTITY };
  const { height, width } = grid;
  const resized = resize(picture, { height, width, method: 'lanczos', fit: 'pad', background: 0 });
  // As `resize` places it: whole pixels inside, the odd one at the end.
  const scale = Math.min(height / picture.height, width / picture.width);
  const x = alongAxis({ own: picture.width, grid: width, scale });
  const y = alongAxis({ own: picture.height, grid: height, scale });
  return {
    raster: clipOvershoot(resized, picture),
    toOwn: { xx: x.step, xy: 0, x0: x.start, yx: 0, yy: y.step, y0: y.start },
  };
}

/** Pixels of the picture from one of the grid to the next, and at the grid's first. */
function alongAxis({ own, grid, scale }: { own: number; grid: number; scale: number }) {
  const inner = Math.max(1, Math.round(own * scale));
  const margin = Math.floor((grid - inner) / 2);
  const step = own / inner;
  return { step, start: (0.5 - margin) * step - 0.5 };
}

import { cos, sin } from '../core/pinned-math.ts';
import type { Raster } from './raster.ts';

/**
 * x' = xx·x + xy·y + x0, y' = yx·x + yy·y + y0. Coordinates are pixels, x to the right, y down, the
 * centre of the first pixel at (0, 0).
 */
export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

export const IDENTITY: Affine = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 };

/** First `inner`, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  return {
    xx: outer.xx * inner.xx + outer.xy * inner.yx,
    xy: outer.xx * inner.xy + outer.xy * inner.yy,
    x0: outer.xx * inner.x0 + outer.xy * inner.y0 + outer.x0,
    yx: outer.yx * inner.xx + outer.yy * inner.yx,
    yy: outer.yx * inner.xy + outer.yy * inner.yy,
    y0: outer.yx * inner.x0 + outer.yy * inner.y0 + outer.y0,
  };
}

/** @throws RangeError where the map flattens the plane. */
export function invert({ xx, xy, x0, yx, yy, y0 }: Affine): Affine {
  const determinant = xx * yy - xy * yx;
  if (!(Math.abs(determinant) > 0)) throw new RangeError('an affine map without an inverse');
  return {
    xx: yy / determinant,
    xy: -xy / determinant,
    x0: (xy * y0 - yy * x0) / determinant,
    yx: -yx / determinant,
    yy: xx / determinant,
    y0: (yx * x0 - xx * y0) / determinant,
  };
}

export interface Similarity {
  /** From x towards y: clockwise on a screen. */
  readonly rotationRad: number;
  readonly scale: number;
  /** Pixels, after rotation. */
  readonly shift: readonly [x: number, y: number];
  /** The point that rotation and scale leave in place, pixels. */
  readonly centre: readonly [x: number, y: number];
}

export function similarity({ rotationRad, scale, shift, centre }: Similarity): Affine {
  const c = scale * cos(rotationRad);
  const s = scale * sin(rotationRad);
  const [x, y] = centre;
  return {
    xx: c,
    xy: -s,
    x0: x + shift[0] - c * x + s * y,
    yx: s,
    yy: c,
    y0: y + shift[1] - s * x - c * y,
  };
}

export interface WarpOptions {
  /** Of the output. */
  readonly height: number;
  readonly width: number;
  /** `cubic` is Keys' convolution kernel, a = −1/2: sharper, may overshoot next to edges. */
  readonly method: 'bilinear' | 'cubic';
  /** The value of everything outside the input. */
  readonly background: number;
}

/**
 * Resamples a picture: output pixel (x, y) takes the input's value at `toInput`(x, y). So a picture is
 * moved by a map by giving that map's inverse. There is no antialiasing: use `resize` to shrink.
 */
export function warp(raster: Raster, toInput: Affine, options: WarpOptions): Raster {
  const { height, width, method, background } = options;
  const taps = method === 'cubic' ? 4 : 2;
  const weigh = method === 'cubic' ? cubicWeights : linearWeights;
  const horizontal = new Float64Array(taps);
  const vertical = new Float64Array(taps);
  const pixels = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inputX = toInput.xx * x + toInput.xy * y + toInput.x0;
      const inputY = toInput.yx * x + toInput.yy * y + toInput.y0;
      const left = Math.floor(inputX);
      const top = Math.floor(inputY);
      weigh(inputX - left, horizontal);
      weigh(inputY - top, vertical);
      let sum = 0;
      for (let row = 0; row < taps; row++) {
        for (let column = 0; column < taps; column++) {
          const value = valueAt(raster, {
            x: left + column - taps / 2 + 1,
            y: top + row - taps / 2 + 1,
            background,
          });
          sum += vertical[row] * horizontal[column] * value;
        }
      }
      pixels[y * width + x] = sum;
    }
  }
  return { pixels, height, width };
}

function valueAt(
  { pixels, height, width }: Raster,
  { x, y, background }: { x: number; y: number; background: number },
): number {
  return x >= 0 && x < width && y >= 0 && y < height ? pixels[y * width + x] : background;
}

function linearWeights(fraction: number, weights: Float64Array): void {
  weights[0] = 1 - fraction;
  weights[1] = fraction;
}

/** R. Keys, "Cubic convolution interpolation for digital image processing" (1981), eq. 4 with a = −1/2. */
function cubicWeights(fraction: number, weights: Float64Array): void {
  const near = (t: number) => (1.5 * t - 2.5) * t * t + 1;
  const far = (t: number) => ((-0.5 * t + 2.5) * t - 4) * t + 2;
  weights[0] = far(1 + fraction);
  weights[1] = near(fraction);
  weights[2] = near(1 - fraction);
  weights[3] = far(2 - fraction);
}

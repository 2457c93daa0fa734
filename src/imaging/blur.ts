import { exp } from '../core/pinned-math.ts';
import type { Raster } from './raster.ts';

/**
 * Gaussian blur, separable, cut off at three standard deviations; beyond the border the picture goes on
 * with its last pixel. A deviation of 0 along an axis leaves that axis alone.
 * @param sigma standard deviations in pixels, along y and x.
 */
export function blur(raster: Raster, sigma: { readonly y: number; readonly x: number }): Raster {
  const { height, width } = raster;
  const acrossRows = convolve(raster.pixels, {
    weights: gaussian(sigma.x),
    length: width,
    step: 1,
    lines: height,
    lineStep: width,
  });
  const pixels = convolve(acrossRows, {
    weights: gaussian(sigma.y),
    length: height,
    step: width,
    lines: width,
    lineStep: 1,
  });
  return { pixels, height, width };
}

/** Standard deviation of a Gaussian of this full width at half maximum: FWHM / (2·√(2·ln 2)). */
export function sigmaOfFwhm(fwhm: number): number {
  return fwhm / 2.3548200450309493;
}

interface Lines {
  readonly weights: Float64Array;
  readonly length: number;
  readonly step: number;
  readonly lines: number;
  readonly lineStep: number;
}

function convolve(pixels: Float32Array, { weights, length, step, lines, lineStep }: Lines): Float32Array {
  const reach = (weights.length - 1) / 2;
  const result = new Float32Array(pixels.length);
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    for (let place = 0; place < length; place++) {
      let sum = 0;
      for (let tap = -reach; tap <= reach; tap++) {
        const from = Math.min(length - 1, Math.max(0, place + tap));
        sum += weights[tap + reach] * pixels[start + from * step];
      }
      result[start + place * step] = sum;
    }
  }
  return result;
}

/** Weights that sum to 1, an odd number of them. */
function gaussian(sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, index) => {
    const distance = index - reach;
    return sigma > 0 ? exp(-(distance * distance) / (2 * sigma * sigma)) : 1;
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

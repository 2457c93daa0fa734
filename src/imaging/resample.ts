import { sin } from '../core/pinned-math.ts';
import type { Raster } from './raster.ts';

export type ResizeMethod = 'lanczos' | 'bilinear' | 'nearest';

export interface ResizeOptions {
  readonly height: number;
  readonly width: number;
  readonly method: ResizeMethod;
  /** `stretch` fills the size whatever the aspect; `pad` keeps the aspect and centres the picture. */
  readonly fit: 'stretch' | 'pad';
  /** What `pad` puts around the picture. */
  readonly background: number;
}

interface Kernel {
  /** Half of its width at scale 1, pixels. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const KERNELS: { readonly [method in Exclude<ResizeMethod, 'nearest'>]: Kernel } = {
  lanczos: { support: 3, weight: (x) => (x > -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
};

/**
 * Resizes with antialiasing: where a picture shrinks, the kernel's support grows by the same factor;
 * at the border weights are renormalised over the pixels there are. Pixel centres lie at half-integers.
 * Lanczos (a = 3) may overshoot next to edges: clip where the range matters. Equals Pillow's resize in
 * mode 'F' up to rounding.
 */
export function resize(raster: Raster, options: ResizeOptions): Raster {
  const { height, width, fit, background } = options;
  if (fit === 'stretch') return stretch(raster, options);
  const scale = Math.min(height / raster.height, width / raster.width);
  const inner = stretch(raster, {
    method: options.method,
    height: Math.max(1, Math.round(raster.height * scale)),
    width: Math.max(1, Math.round(raster.width * scale)),
  });
  const top = Math.floor((height - inner.height) / 2);
  const left = Math.floor((width - inner.width) / 2);
  const pixels = new Float32Array(height * width).fill(background);
  for (let row = 0; row < inner.height; row++) {
    const line = inner.pixels.subarray(row * inner.width, (row + 1) * inner.width);
    pixels.set(line, (top + row) * width + left);
  }
  return { pixels, height, width };
}

function stretch(
  raster: Raster,
  { height, width, method }: Pick<ResizeOptions, 'height' | 'width' | 'method'>,
): Raster {
  const columns = tapsOf(raster.width, width, method);
  const rows = tapsOf(raster.height, height, method);
  const between = new Float64Array(raster.height * width);
  for (let row = 0; row < raster.height; row++) {
    const start = row * raster.width;
    for (let column = 0; column < width; column++) {
      const { first, weights } = columns[column];
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) sum += weights[tap] * raster.pixels[start + first + tap];
      between[row * width + column] = sum;
    }
  }
  const pixels = new Float32Array(height * width);
  for (let row = 0; row < height; row++) {
    const { first, weights } = rows[row];
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) {
        sum += weights[tap] * between[(first + tap) * width + column];
      }
      pixels[row * width + column] = sum;
    }
  }
  return { pixels, height, width };
}

/** Which input pixels make one output pixel. */
interface Taps {
  readonly first: number;
  /** Sum 1. */
  readonly weights: Float64Array;
}

function tapsOf(inputLength: number, outputLength: number, method: ResizeMethod): Taps[] {
  const scale = inputLength / outputLength;
  return Array.from({ length: outputLength }, (_, output) => {
    const centre = (output + 0.5) * scale;
    if (method === 'nearest') return { first: Math.floor(centre), weights: Float64Array.of(1) };
    const { support, weight } = KERNELS[method];
    const stretched = Math.max(scale, 1);
    const first = Math.max(0, Math.floor(centre - support * stretched + 0.5));
    const end = Math.min(inputLength, Math.floor(centre + support * stretched + 0.5));
    const weights = new Float64Array(end - first);
    for (let tap = 0; tap < weights.length; tap++) {
      weights[tap] = weight((first + tap + 0.5 - centre) / stretched);
    }
    const sum = weights.reduce((total, value) => total + value, 0);
    return { first, weights: weights.map((value) => value / sum) };
  });
}

/** sin(πx)/(πx). */
function sinc(x: number): number {
  return x === 0 ? 1 : sin(Math.PI * x) / (Math.PI * x);
}

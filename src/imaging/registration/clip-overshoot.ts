import { clip } from '../intensity.ts';
import type { Raster } from '../raster.ts';

/**
 * Cubic and Lanczos interpolation overshoot next to edges: clipped to the range of what was resampled, and
 * of the 0 that lies around it.
 */
export function clipOvershoot(resampled: Raster, original: Raster): Raster {
  let [low, high] = [0, 0];
  for (const value of original.pixels) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { ...resampled, pixels: clip(resampled.pixels, low, high) };
}

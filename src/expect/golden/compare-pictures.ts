import pixelmatch from 'pixelmatch';
import { readColourPng } from '../../formats/png.ts';
import type { Finding } from '../check.ts';
import type { GoldenPair } from './golden-pair.ts';

/**
 * Two PNG pictures of one size: mean and largest absolute difference over all channels (0 to 255), and
 * the share of pixels that look different (pixelmatch, threshold 0.1, antialiasing left out). Where no
 * tolerance is given every channel must be equal.
 */
export function comparePictures({ path, golden, bytes, tolerance }: GoldenPair): Finding {
  const before = readColourPng(golden, `golden ${path}`);
  const now = readColourPng(bytes, path);
  const { height, width } = now;
  if (before.height !== height || before.width !== width) {
    const got = `${width} × ${height} pixels, the golden picture ${before.width} × ${before.height}`;
    return { ok: false, got };
  }
  let sum = 0;
  let largest = 0;
  for (let at = 0; at < now.pixels.length; at++) {
    const difference = Math.abs(now.pixels[at] - before.pixels[at]);
    sum += difference;
    if (difference > largest) largest = difference;
  }
  const mean = sum / now.pixels.length;
  const { meanDifference, maxDifference, differingPixels } = tolerance;
  const differing = pixelmatch(before.pixels, now.pixels, undefined, width, height) / (width * height);
  const exact = [meanDifference, maxDifference, differingPixels].every((given) => given === undefined);
  const ok = exact
    ? largest === 0
    : mean <= (meanDifference ?? 255) &&
      largest <= (maxDifference ?? 255) &&
      differing <= (differingPixels ?? 1);
  const rounded = (value: number) => Number(value.toPrecision(3));
  return {
    ok,
    got: `a mean difference of ${rounded(mean)}, the largest ${largest}, ${rounded(differing)} of the pixels different`,
  };
}

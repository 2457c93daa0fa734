import { type Affine, warp } from '../affine.ts';
import type { Raster } from '../raster.ts';
import { clipOvershoot } from './clip-overshoot.ts';
import { findTransform, type TransformRequest } from './find-transform.ts';
import { measureLikeness, measureSimilarity } from './measure-similarity.ts';

export interface RegistrationRequest extends TransformRequest {
  /**
   * What the moving picture is judged by: the fixed one, but without the moving one's own share in it where
   * that is a mean. It would be found to be like itself.
   */
  readonly reference: Raster;
  /** Share of its similarity that a picture may lose before it counts as lying worse than before. */
  readonly tolerance: number;
  /** The least `measureLikeness` of a picture that counts as registered; 0 accepts all. */
  readonly minLikeness: number;
}

export interface Registration {
  /** Where in the moving picture a pixel of the fixed one lies; null where nothing was found. */
  readonly toMoving: Affine | null;
  /** To the reference: `measureSimilarity`, 1 … 2. */
  readonly similarityBefore: number;
  /** null where nothing was found. */
  readonly similarityAfter: number | null;
  /** Why it failed; null for a registered one. */
  readonly problem: string | null;
}

/** Registers a picture to another of its size, and judges the result. */
export async function registerImages(request: RegistrationRequest): Promise<Registration> {
  const { moving, reference } = request;
  const similarityBefore = measureSimilarity(reference, moving);
  const found = await findTransform(request);
  if ('problem' in found) {
    return { toMoving: null, similarityBefore, similarityAfter: null, problem: found.problem };
  }
  const { toMoving } = found;
  const moved = movePicture(moving, toMoving);
  const similarityAfter = measureSimilarity(reference, moved);
  const gain = { similarityBefore, similarityAfter, shiftPixels: largestShift(toMoving, moving) };
  const problem =
    judgePlausibility(toMoving, moving) ?? judgeLikeness(moved, request) ?? judgeGain(gain, request);
  return { toMoving, similarityBefore, similarityAfter, problem };
}

/** Resamples by cubic interpolation; outside the picture there is 0. */
export function movePicture(picture: Raster, toPicture: Affine): Raster {
  const { height, width } = picture;
  return clipOvershoot(warp(picture, toPicture, { height, width, method: 'cubic', background: 0 }), picture);
}

/** The least share of the smaller picture that lies within the other. */
const MIN_OVERLAP = 0.5;
/** No head is made four times its area, or a quarter of it. */
const MAX_AREA_CHANGE = 4;

function judgePlausibility(toMoving: Affine, size: Raster): string | null {
  const area = toMoving.xx * toMoving.yy - toMoving.xy * toMoving.yx;
  if (!(area > 1 / MAX_AREA_CHANGE && area < MAX_AREA_CHANGE))
    return `implausible: its area would change by ${(1 / area).toFixed(2)}`;
  const overlap = overlapOf(toMoving, size) / Math.min(1, 1 / area);
  return overlap >= MIN_OVERLAP
    ? null
    : `implausible: only ${Math.round(100 * overlap)} % of the pictures would overlap`;
}

/** Share of the fixed picture's pixels that have a place in the moving one. */
function overlapOf({ xx, xy, x0, yx, yy, y0 }: Affine, { height, width }: Raster): number {
  let inside = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [atX, atY] = [xx * x + xy * y + x0, yx * x + yy * y + y0];
      if (atX >= -0.5 && atX <= width - 0.5 && atY >= -0.5 && atY <= height - 0.5) inside++;
    }
  }
  return inside / (height * width);
}

function judgeLikeness(moved: Raster, { reference, minLikeness }: RegistrationRequest): string | null {
  const likeness = measureLikeness(reference, moved);
  return likeness >= minLikeness
    ? null
    : `not like the fixed picture: its likeness ${likeness.toFixed(2)} is below ${minLikeness}`;
}

interface Gain {
  readonly similarityBefore: number;
  readonly similarityAfter: number;
  readonly shiftPixels: number;
}

function judgeGain(
  { similarityBefore, similarityAfter, shiftPixels }: Gain,
  { tolerance }: RegistrationRequest,
): string | null {
  if (shiftPixels < 1) return null; // it lay well already
  return similarityAfter >= similarityBefore * (1 - tolerance)
    ? null
    : `lies worse than before: similarity ${similarityBefore.toFixed(3)} → ${similarityAfter.toFixed(3)}`;
}

/** How far, in pixels, the map takes the corners of the middle half of a picture. */
function largestShift({ xx, xy, x0, yx, yy, y0 }: Affine, { height, width }: Raster): number {
  let largest = 0;
  for (const x of [width / 4, (3 * width) / 4]) {
    for (const y of [height / 4, (3 * height) / 4]) {
      const [right, down] = [xx * x + xy * y + x0 - x, yx * x + yy * y + y0 - y];
      largest = Math.max(largest, Math.sqrt(right * right + down * down));
    }
  }
  return largest;
}

import type { Image } from '../../formats/image-set.ts';
import { type Affine, warp } from '../../imaging/affine.ts';
import { blur } from '../../imaging/blur.ts';
import { clip } from '../../imaging/intensity.ts';
import { normalisedMutualInformation } from '../../imaging/mutual-information.ts';
import type { Raster } from '../../imaging/raster.ts';
import { registerPicture } from '../../imaging/registration.ts';
import type { Parameters } from './declaration.ts';

export interface AlignedImage {
  readonly image: Image;
  /** Moved; of a failed one as it was. */
  readonly pixels: Float32Array;
  /** Similarity to the fixed picture, 1 … 2. */
  readonly before: number;
  /** null where no transformation was found. */
  readonly after: number | null;
  readonly toMoving: Affine | null;
  /** Why it failed; null for a registered one. */
  readonly problem: string | null;
}

export interface GroupRequest {
  readonly fixed: Raster;
  /** What the transformation is found on: the mean of the images. */
  readonly picture: Raster;
  readonly images: readonly Image[];
  readonly params: Pick<Parameters, 'method' | 'iterations' | 'tolerance'>;
}

/** Moves images by one transformation, found on their mean. They fail together. */
export async function alignGroup({ fixed, picture, images, params }: GroupRequest): Promise<AlignedImage[]> {
  const { method, iterations, tolerance } = params;
  const found = await registerPicture(fixed, picture, { method, iterations, spacing: images[0].spacing });
  if ('problem' in found) {
    return images.map((image) => ({
      image,
      pixels: image.pixels,
      before: measureSimilarity(fixed, image),
      after: null,
      toMoving: null,
      problem: found.problem,
    }));
  }
  const { toMoving } = found;
  const problem =
    judgePlausibility(toMoving, fixed) ?? judgeSimilarity({ fixed, picture, toMoving, tolerance });
  return images.map((image) => {
    const moved = move(image, toMoving);
    return {
      image,
      pixels: problem === null ? moved.pixels : image.pixels,
      before: measureSimilarity(fixed, image),
      after: measureSimilarity(fixed, moved),
      toMoving,
      problem,
    };
  });
}

/** Cubic interpolation overshoots next to edges: clipped. */
function move(picture: Raster, toMoving: Affine): Raster {
  const { height, width } = picture;
  const moved = warp(picture, toMoving, { height, width, method: 'cubic', background: 0 });
  return { ...moved, pixels: clip(moved.pixels, 0, 1) };
}

/** No head is moved out of its picture, or made a quarter or four times its area. */
function judgePlausibility({ xx, xy, x0, yx, yy, y0 }: Affine, { height, width }: Raster): string | null {
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  const [movedX, movedY] = [xx * x + xy * y + x0, yx * x + yy * y + y0];
  if (movedX < 0 || movedX > width - 1 || movedY < 0 || movedY > height - 1)
    return 'implausible: it would be moved out of the picture';
  const area = xx * yy - xy * yx;
  return area > 0.25 && area < 4 ? null : `implausible: its area would change by ${(1 / area).toFixed(2)}`;
}

function judgeSimilarity({
  fixed,
  picture,
  toMoving,
  tolerance,
}: {
  readonly fixed: Raster;
  readonly picture: Raster;
  readonly toMoving: Affine;
  readonly tolerance: number;
}): string | null {
  if (largestShift(toMoving, fixed) < 1) return null; // it lay well already
  const was = measureSimilarity(fixed, picture);
  const is = measureSimilarity(fixed, move(picture, toMoving));
  return is >= was * (1 - tolerance)
    ? null
    : `lies worse than before: similarity ${was.toFixed(3)} → ${is.toFixed(3)}`;
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

/**
 * Normalised mutual information of both pictures blurred. Sharp, a picture is more like one that it was
 * never interpolated from than like itself moved by half a pixel, and the measure would reward not moving.
 */
function measureSimilarity(a: Raster, b: Raster): number {
  const deviation = Math.max(2, Math.max(a.height, a.width) / 32);
  const sigma = { y: deviation, x: deviation };
  return normalisedMutualInformation(blur(a, sigma), blur(b, sigma));
}

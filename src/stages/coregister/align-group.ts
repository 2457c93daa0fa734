import type { Image } from '../../formats/image-set.ts';
import { type Affine, compose } from '../../imaging/affine.ts';
import type { Raster } from '../../imaging/raster.ts';
import { measureSimilarity } from '../../imaging/registration/measure-similarity.ts';
import { movePicture, registerImages } from '../../imaging/registration/register-images.ts';
import type { Parameters } from './declaration.ts';
import type { Group } from './gather-groups.ts';

export interface AlignedImage {
  readonly image: Image;
  /** On the grid of all; moved, unless it failed. */
  readonly raster: Raster;
  /** Millimetres from row to row and from column to column of `raster`. */
  readonly spacing: readonly [number, number] | null;
  /** Similarity to the reference, 1 … 2. */
  readonly before: number;
  /** null where no transformation was found. */
  readonly after: number | null;
  /** Where in the image itself a pixel of `raster` comes from. */
  readonly toImage: Affine | null;
  /** Why it failed; null for a registered one. */
  readonly problem: string | null;
}

export interface GroupRequest {
  readonly group: Group;
  readonly fixed: Raster;
  /** What similarity is measured to: `fixed` without the group's own share in it. */
  readonly reference: Raster;
  readonly params: Parameters;
}

/** Moves images by one transformation, found on their mean. They fail together. */
export async function alignGroup(request: GroupRequest): Promise<AlignedImage[]> {
  const { group, fixed, reference, params } = request;
  const { method, iterations, tolerance, minLikeness } = params;
  const { toMoving, problem } = await registerImages({
    fixed,
    reference,
    moving: group.picture,
    spacing: group.images[0].spacing,
    method,
    iterations,
    tolerance,
    minLikeness,
  });
  return group.images.map(({ image, raster, toOwn, spacing }) => {
    const moved = toMoving && movePicture(raster, toMoving);
    return {
      image,
      raster: moved && problem === null ? moved : raster,
      spacing,
      before: measureSimilarity(reference, raster),
      after: moved && measureSimilarity(reference, moved),
      toImage: toMoving && compose(toOwn, toMoving),
      problem,
    };
  });
}

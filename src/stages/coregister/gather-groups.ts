import { fail } from '../../core/failure.ts';
import type { StageContext } from '../../core/stage.ts';
import type { Image } from '../../formats/image-set.ts';
import type { Raster } from '../../imaging/raster.ts';
import { meanOfSum, sumPictures } from '../../imaging/registration/picture-sum.ts';
import { type Grid, type PlacedPicture, placeOnGrid } from '../../imaging/registration/place-on-grid.ts';
import type { Parameters } from './declaration.ts';

/** An image brought to the size that all have. */
export interface PlacedImage extends PlacedPicture {
  readonly image: Image;
  /** Millimetres from row to row and from column to column of the placed picture. */
  readonly spacing: readonly [number, number] | null;
}

/** What is moved by one transformation: an image, or all images of a subject. */
export interface Group {
  readonly images: readonly PlacedImage[];
  /** What the transformation is found on: the mean of the images. */
  readonly picture: Raster;
}

/** As high as the highest and as wide as the widest. */
export function gridOf(images: readonly Grid[]): Grid {
  return {
    height: images.reduce((most, { height }) => Math.max(most, height), 0),
    width: images.reduce((most, { width }) => Math.max(most, width), 0),
  };
}

/** Says how many images were not of the size that all have. */
export function noteResized({ note }: Pick<StageContext, 'note'>, images: readonly Grid[], grid: Grid): void {
  const others = images.filter(({ height, width }) => height !== grid.height || width !== grid.width);
  if (others.length > 0)
    note(
      `${others.length} of ${images.length} images were resized to ${grid.height}×${grid.width}, aspect kept`,
    );
}

/** Groups in the order of their first images, all on the grid. */
export function gatherGroups(
  { params }: Pick<StageContext<Parameters>, 'params'>,
  images: readonly Image[],
  grid: Grid,
): Group[] {
  if (images.length === 0) fail('bad-input', 'there are no images to register');
  return groupImages(params, images).map((members) => {
    const placed = members.map((image) => placeImage(image, grid));
    return { images: placed, picture: meanOfSum(sumPictures(placed.map(({ raster }) => raster))) };
  });
}

function groupImages({ by }: Parameters, images: readonly Image[]): Image[][] {
  if (by === 'image') return images.map((image) => [image]);
  const groups = new Map<string, Image[]>();
  for (const image of images) {
    if (image.subject === null)
      fail('bad-input', 'by: subject needs subjects, and they are unknown; by: image does not');
    const members = groups.get(image.subject) ?? [];
    groups.set(image.subject, members);
    members.push(image);
  }
  return [...groups.values()];
}

function placeImage(image: Image, grid: Grid): PlacedImage {
  const placed = placeOnGrid(image, grid);
  const { xx, yy } = placed.toOwn;
  return { ...placed, image, spacing: image.spacing && [image.spacing[0] * yy, image.spacing[1] * xx] };
}

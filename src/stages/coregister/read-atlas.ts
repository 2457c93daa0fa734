import { basename } from 'node:path';
import type { StageContext } from '../../core/stage.ts';
import { readPicture } from '../../formats/read-picture.ts';
import type { Raster } from '../../imaging/raster.ts';
import { type Grid, placeOnGrid } from '../../imaging/registration/place-on-grid.ts';
import type { Parameters } from './declaration.ts';

/** The atlas in 0 … 1, brought to the size of the images. */
export async function readAtlas(
  { params, source, note }: StageContext<Parameters>,
  { height, width }: Grid,
): Promise<Raster> {
  const picture = readPicture(await source('atlas').read(''), basename(params.atlas));
  const atlas: Raster = {
    pixels: Float32Array.from(picture.pixels, (value) => value / picture.maxValue),
    height: picture.height,
    width: picture.width,
  };
  if (atlas.height !== height || atlas.width !== width)
    note(
      `the atlas of ${atlas.height}×${atlas.width} was resized to the images' ${height}×${width}, aspect kept`,
    );
  return placeOnGrid(atlas, { height, width }).raster;
}

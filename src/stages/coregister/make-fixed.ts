import { basename } from 'node:path';
import type { StageContext } from '../../core/stage.ts';
import type { Image } from '../../formats/image-set.ts';
import { readPicture } from '../../formats/read-picture.ts';
import type { Raster } from '../../imaging/raster.ts';
import { resize } from '../../imaging/resample.ts';
import type { Parameters } from './declaration.ts';

/** The picture that all images are registered to, of their size, in 0 … 1. */
export async function makeFixed(
  context: StageContext<Parameters>,
  images: readonly Image[],
): Promise<Raster> {
  const { params, note } = context;
  if (params.to === 'mean') {
    note(`registered to the mean of all ${images.length} images, those of later splits included`);
    return meanPicture(images);
  }
  const picture = readPicture(await context.source('atlas').read(''), basename(params.atlas));
  const atlas: Raster = {
    pixels: Float32Array.from(picture.pixels, (value) => value / picture.maxValue),
    height: picture.height,
    width: picture.width,
  };
  const { height, width } = images[0];
  if (atlas.height === height && atlas.width === width) return atlas;
  note(`the atlas of ${atlas.height}×${atlas.width} was resized to the images' ${height}×${width}`);
  return resize(atlas, { height, width, method: 'lanczos', fit: 'stretch', background: 0 });
}

/** Pixel by pixel; all of one size. */
export function meanPicture(images: readonly Raster[]): Raster {
  const { height, width } = images[0];
  const sums = new Float64Array(height * width);
  for (const { pixels } of images) {
    for (let pixel = 0; pixel < sums.length; pixel++) sums[pixel] += pixels[pixel];
  }
  return { pixels: Float32Array.from(sums, (sum) => sum / images.length), height, width };
}

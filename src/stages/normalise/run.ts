import { fail } from '../../core/failure.ts';
import type { StageRun } from '../../core/stage.ts';
import {
  type Image,
  imageIds,
  iterateImages,
  readImageSet,
  type StoredImage,
  writeImageSet,
} from '../../formats/image-set.ts';
import { applyWindow, clip, scalePercentiles, standardise } from '../../imaging/intensity.ts';
import type { Raster } from '../../imaging/raster.ts';
import { resize } from '../../imaging/resample.ts';
import type { Parameters } from './declaration.ts';

const run: StageRun<Parameters> = async ({ params, input, out, signal, progress }) => {
  checkParameters(params);
  const set = await readImageSet(input('images'));
  const total = imageIds(set).length;
  const images: StoredImage[] = [];
  for await (const image of iterateImages(set)) {
    signal.throwIfAborted();
    images.push(normalise(image, params));
    progress({ done: images.length, total, unit: 'image', values: {} });
  }
  await writeImageSet(out, images);
};

/**
 * Window or percentiles come before the change of size, as on the picture that a radiologist sees;
 * Lanczos overshoots next to edges, so values are clipped to 0 … 1 after it. Mean and deviation come last,
 * so that they hold for what comes out.
 */
function normalise(image: Image, params: Parameters): StoredImage {
  const [height, width] = params.size;
  const resized = resize(adjustIntensity(image, params), {
    height,
    width,
    method: params.resampling,
    fit: params.fit,
    background: params.background ?? 0,
  });
  const clipped = clip(resized.pixels, 0, 1);
  const { id, subject } = image;
  return {
    id,
    subject,
    pixels: params.intensity === 'standardise' ? standardise(clipped) : clipped,
    height,
    width,
    maxValue: 1,
    spacing: spacingAfter(image, params),
  };
}

function adjustIntensity({ pixels, height, width }: Image, params: Parameters): Raster {
  switch (params.intensity) {
    case 'window': {
      const { windowCentre: centre, windowWidth } = params;
      return { pixels: applyWindow(pixels, { centre, width: windowWidth }), height, width };
    }
    case 'percentiles': {
      const { lowerPercentile: lower, upperPercentile: upper } = params;
      return { pixels: scalePercentiles(pixels, { lower, upper }), height, width };
    }
    default:
      return { pixels, height, width };
  }
}

/** Millimetres between the new pixels; with `pad` both directions shrink by the same factor. */
function spacingAfter({ spacing, height, width }: Image, { size, fit }: Parameters): [number, number] | null {
  if (spacing === null) return null;
  const [down, across] = [height / size[0], width / size[1]];
  const larger = Math.max(down, across);
  return fit === 'pad'
    ? [spacing[0] * larger, spacing[1] * larger]
    : [spacing[0] * down, spacing[1] * across];
}

function checkParameters({ intensity, lowerPercentile, upperPercentile }: Parameters): void {
  if (intensity === 'percentiles' && lowerPercentile >= upperPercentile) {
    fail(
      'bad-parameter',
      `upperPercentile: expected more than lowerPercentile, ${lowerPercentile}, and got ${upperPercentile}`,
    );
  }
}

export default run;

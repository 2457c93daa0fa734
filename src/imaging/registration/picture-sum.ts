import type { Raster } from '../raster.ts';

/**
 * A sum of pictures of one size that does not depend on their order, to the last bit: values are counted in
 * whole steps of 2⁻³². Exact for up to 2²¹ pictures with values in −1 … 1.
 */
export interface PictureSum {
  /** [height, width], in steps. */
  readonly steps: Float64Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

const STEPS_OF_ONE = 4_294_967_296;

/** Of at least one picture. @throws RangeError where they differ in size. */
export function sumPictures(pictures: readonly Raster[]): PictureSum {
  const { height, width } = pictures[0];
  const steps = new Float64Array(height * width);
  for (const picture of pictures) {
    if (picture.height !== height || picture.width !== width)
      throw new RangeError('pictures of two sizes have no sum');
    for (let pixel = 0; pixel < steps.length; pixel++) {
      steps[pixel] += Math.round(picture.pixels[pixel] * STEPS_OF_ONE);
    }
  }
  return { steps, count: pictures.length, height, width };
}

/** The sum without pictures that are part of it. */
export function withoutPictures(sum: PictureSum, pictures: readonly Raster[]): PictureSum {
  if (pictures.length === 0) return sum;
  const part = sumPictures(pictures);
  const steps = sum.steps.map((value, pixel) => value - part.steps[pixel]);
  return { ...sum, steps, count: sum.count - part.count };
}

/** Of at least one picture. */
export function meanOfSum({ steps, count, height, width }: PictureSum): Raster {
  return { pixels: Float32Array.from(steps, (value) => value / STEPS_OF_ONE / count), height, width };
}

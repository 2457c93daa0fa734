import { createRandom } from '../../src/core/random.ts';
import type { Affine } from '../../src/imaging/affine.ts';
import { type Modality, phantomSubject } from '../../src/imaging/phantom.ts';
import type { Raster } from '../../src/imaging/raster.ts';
import { meanOfSum, sumPictures } from '../../src/imaging/registration/picture-sum.ts';

/** Slices of a phantom's head, [size, size] each. */
export function headSlices(
  modality: Modality,
  subjectIndex: number,
  { size = 64, slices = 4 } = {},
): Raster[] {
  const subject = phantomSubject({ modality, subjectIndex, slices, size, random: createRandom('heads') });
  return subject.slices.map((pixels) => ({ pixels, height: size, width: size }));
}

export function meanOf(pictures: readonly Raster[]): Raster {
  return meanOfSum(sumPictures(pictures));
}

/** White noise in 0 … 1: it is like nothing. */
export function noisePicture(seed: string, size = 64): Raster {
  const random = createRandom(seed);
  const pixels = Float32Array.from({ length: size * size }, () => random.next());
  return { pixels, height: size, width: size };
}

/** A white square in the corner of a black picture: elastix gives up on it. */
export function cornerPicture(size = 64): Raster {
  const pixels = Float32Array.from({ length: size * size }, (_, pixel) =>
    pixel % size < size / 5 && pixel < (size * size) / 5 ? 1 : 0,
  );
  return { pixels, height: size, width: size };
}

/** Largest distance, in pixels, between where two maps put the corners of a head that fills its picture. */
export function distanceOfMaps(
  a: Affine,
  b: Affine,
  { height, width }: { height: number; width: number },
): number {
  const at = ({ xx, xy, x0, yx, yy, y0 }: Affine, x: number, y: number) => [
    xx * x + xy * y + x0,
    yx * x + yy * y + y0,
  ];
  const corners = [0.2, 0.8].flatMap((x) => [0.15, 0.85].map((y) => [x * width, y * height] as const));
  return Math.max(
    ...corners.map(([x, y]) => {
      const [[ax, ay], [bx, by]] = [at(a, x, y), at(b, x, y)];
      return Math.hypot(ax - bx, ay - by);
    }),
  );
}

import { encode } from 'fast-png';
import { element } from './svg.ts';

/** A grey picture. */
export interface GreyImage {
  /** [height, width] row-major, in 0 … 1; what lies outside is clipped, what is not a number is black. */
  readonly pixels: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  /** px */
  readonly width: number;
  readonly height: number;
}

/** Pictures smaller than this are enlarged as squares; larger ones smoothly, as a print would. */
const SMALL_IMAGE = 64;

/** The picture, embedded as a PNG, as large as it fits into the box with its aspect kept, in the middle. */
export function drawGreyImage(image: GreyImage, box: Box): string {
  const href = `data:image/png;base64,${Buffer.from(encodeGrey(image)).toString('base64')}`;
  const small = Math.max(image.height, image.width) < SMALL_IMAGE;
  return element('image', {
    ...fitInside(image, box),
    preserveAspectRatio: 'none',
    'image-rendering': small ? 'optimizeSpeed' : undefined,
    href,
  });
}

/**
 * The smallest box, at most `side` px wide and high, that holds each of the pictures when fitted into the
 * square: rows of flat pictures then leave no gaps. The square itself for no pictures.
 */
export function commonCell(images: readonly GreyImage[], side: number): { width: number; height: number } {
  if (images.length === 0) return { width: side, height: side };
  const fitted = images.map((image) => fitInside(image, { x: 0, y: 0, width: side, height: side }));
  return {
    width: Math.max(...fitted.map(({ width }) => width)),
    height: Math.max(...fitted.map(({ height }) => height)),
  };
}

/** Pixels that are not finite numbers. */
export function countNonFinite(images: readonly GreyImage[]): number {
  let count = 0;
  for (const { pixels } of images) {
    for (let index = 0; index < pixels.length; index++) if (!Number.isFinite(pixels[index])) count++;
  }
  return count;
}

function encodeGrey({ pixels, height, width }: GreyImage): Uint8Array {
  const data = new Uint8Array(height * width);
  for (let index = 0; index < data.length; index++) {
    const value = pixels[index];
    data[index] = Number.isNaN(value) ? 0 : Math.round(255 * Math.min(1, Math.max(0, value)));
  }
  return encode({ data, height, width, channels: 1, depth: 8 });
}

function fitInside(image: GreyImage, box: Box): Box {
  const scale = Math.min(box.width / image.width, box.height / image.height);
  const width = image.width * scale;
  const height = image.height * scale;
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

import type { Network } from '../core/network.ts';
import type { Batch } from '../core/trainable.ts';

export function imageFloats(network: Network): number {
  return network.input[0] * network.input[1] * network.input[2];
}

/** Number of images in a batch. @throws RangeError where the array's length or a row does not fit the network. */
export function countImages(batch: Batch, network: Network): number {
  const floats = imageFloats(network);
  const images = batch.images.length / floats;
  if (!Number.isInteger(images)) {
    throw new RangeError(
      `${batch.images.length} floats are no whole number of images of ${network.input.join('×')}`,
    );
  }
  if (!batch.rows) return images;
  for (const row of batch.rows) {
    if (row >= images) throw new RangeError(`row ${row} is asked for, and there are ${images} images`);
  }
  return batch.rows.length;
}

/** Copies images first … first + count − 1 of the batch to `target`, and no others. */
export function copyImages(
  batch: Batch,
  floats: number,
  span: { first: number; count: number },
  target: Float32Array,
): void {
  const { images, rows } = batch;
  if (!rows) {
    target.set(images.subarray(span.first * floats, (span.first + span.count) * floats));
    return;
  }
  for (let index = 0; index < span.count; index++) {
    const row = rows[span.first + index];
    target.set(images.subarray(row * floats, (row + 1) * floats), index * floats);
  }
}

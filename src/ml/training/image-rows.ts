import { setImmediate } from 'node:timers/promises';
import type { Trainable } from '../../core/trainable.ts';
import type { Matrix } from '../matrix.ts';

/** A split: some of the images of one array, in this order. */
export interface ImageRows {
  /** [count, height, width, channels], row-major. */
  readonly images: Float32Array;
  readonly rows: Uint32Array;
}

/** Images that go through a network at once where none are trained: bounds memory, changes no result. */
const CHUNK = 256;

/** Embedding of all images of a split, [n, d]. */
export async function embedAll(
  trainable: Trainable,
  split: ImageRows,
  signal?: AbortSignal,
): Promise<Matrix> {
  const parts: Float32Array[] = [];
  for (const batch of batchesOf(split, CHUNK)) {
    parts.push(await trainable.embed(batch));
    await breathe(signal);
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const data = new Float32Array(length);
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  return { data, rows: split.rows.length, columns: split.rows.length > 0 ? length / split.rows.length : 0 };
}

/** Mean squared error of the reconstructions over pixels and images of a split; NaN for an empty one. */
export async function measureReconstruction(
  trainable: Trainable,
  split: ImageRows,
  signal?: AbortSignal,
): Promise<number> {
  let sum = 0;
  for (const batch of batchesOf(split, CHUNK)) {
    for (const error of await trainable.reconstructionErrors(batch)) sum += error;
    await breathe(signal);
  }
  return sum / split.rows.length;
}

/**
 * A split cut into ⌈n / size⌉ consecutive batches whose lengths differ by one at most. A remainder as a
 * batch of its own (637 images in batches of 12 leave one) would give its few images many times the
 * weight of the others, in the last step before validation: early stopping then stops on that noise.
 */
export function batchesOf({ images, rows }: ImageRows, size: number): ImageRows[] {
  const count = Math.ceil(rows.length / size);
  return Array.from({ length: count }, (_, index) => ({
    images,
    rows: rows.subarray(
      Math.floor((index * rows.length) / count),
      Math.floor(((index + 1) * rows.length) / count),
    ),
  }));
}

/** Lets messages in, an abort among them: an engine may compute without ever leaving the microtask queue. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

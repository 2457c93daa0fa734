import type { SplitImages } from './dataset.ts';

/** All images of a split, as training loops and engines take them: the array, and which of its rows. */
export function allRows({ images, ids }: SplitImages): { images: Float32Array; rows: Uint32Array } {
  return { images, rows: Uint32Array.from(ids, (_, row) => row) };
}

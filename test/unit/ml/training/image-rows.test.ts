import { expect, it } from 'vitest';
import { batchesOf } from '../../../../src/ml/training/image-rows.ts';

const lengths = (count: number, size: number) =>
  batchesOf(
    { images: new Float32Array(0), rows: Uint32Array.from({ length: count }, (_, row) => row) },
    size,
  ).map(({ rows }) => rows.length);

it("cuts the study's 637 images into 54 batches of 11 or 12: no image has a batch to itself", () => {
  const sizes = lengths(637, 12);
  expect(sizes).toHaveLength(54);
  expect(new Set(sizes)).toEqual(new Set([11, 12]));
});

it('takes every row once, in order, and leaves no batch empty', () => {
  for (const [count, size] of [
    [1, 12],
    [12, 12],
    [13, 12],
    [7, 3],
    [0, 5],
  ]) {
    const rows = Uint32Array.from({ length: count }, (_, row) => row + 5);
    const batches = batchesOf({ images: new Float32Array(0), rows }, size);
    expect(batches.flatMap((batch) => [...batch.rows])).toEqual([...rows]);
    expect(batches.every((batch) => batch.rows.length > 0 && batch.rows.length <= size)).toBe(true);
  }
});

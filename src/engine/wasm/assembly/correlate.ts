// Filter gradients, whole. The record's words are named by `CORRELATE_WORDS` in ../operations.ts.
import { correlate1, correlate2, correlate4 } from './correlate-tile';

/**
 * Adds the gradient of `count` samples to the sums at `sumOffset` beyond the first, panel by panel:
 * [panel][row][8]. Bits of the last word: 1 where x, 2 where y counts from `wide` (see gather.ts).
 */
export function correlate(op: usize, wide: usize, count: i32, sumOffset: usize): void {
  const xSample: usize = load<u32>(op, 4);
  const xRow: usize = load<u32>(op, 8);
  const xPixel: usize = load<u32>(op, 12);
  const ySample: usize = load<u32>(op, 20);
  const yRow: usize = load<u32>(op, 24);
  const yPixel: usize = load<u32>(op, 28);
  const height = load<i32>(op, 32);
  const yRowBytes = load<i32>(op, 36) * yPixel;
  const table: usize = load<u32>(op, 40);
  const tableEnd: usize = load<u32>(op, 44);
  const run = load<i32>(op, 48);
  const channels = load<i32>(op, 56);
  const flags = load<u32>(op, 60);
  const x: usize = load<u32>(op) + (flags & 1 ? wide : 0);
  const firstY: usize = load<u32>(op, 16) + (flags & 2 ? wide : 0);
  let sum: usize = load<u32>(op, 52) + sumOffset;
  for (let channel = 0; channel < channels; channel += 8) {
    const y: usize = firstY + channel * 4;
    for (let segment = table; segment < tableEnd; segment += 4) {
      let px = x + <usize>load<u32>(segment);
      for (let left = run; left > 0; ) {
        let rows = 4;
        if (left >= 4) {
          correlate4(sum, px, y, count, xSample, ySample, height, xRow, yRow, yRowBytes, xPixel, yPixel);
        } else if (left >= 2) {
          correlate2(sum, px, y, count, xSample, ySample, height, xRow, yRow, yRowBytes, xPixel, yPixel);
          rows = 2;
        } else {
          correlate1(sum, px, y, count, xSample, ySample, height, xRow, yRow, yRowBytes, xPixel, yPixel);
          rows = 1;
        }
        left -= rows;
        px += rows * 4;
        sum += rows * 32;
      }
    }
  }
}

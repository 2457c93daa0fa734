// Convolutions and matrix products in gather form, whole: every sample, panel of 8 channels, row and
// tile. The operation is a record of 32-bit words in memory, written by `gatherWords` in ../operations.ts.
import { gather1, gather2, gather3, gather4 } from './gather-tile';
import { narrow1, narrow2, narrow4, narrow8 } from './narrow-tile';

/**
 * Runs the operation `op` for `count` samples. Bits of the last word: 1 where x, 2 where out, 4 where the
 * mask lies in the samples' batch-wide places, so that its address counts from `wide`; 8 where there is a
 * mask; 16 where one panel of 4 channels takes the place of panels of 8.
 */
export function gather(op: usize, wide: usize, count: i32): void {
  const flags = load<u32>(op, 92);
  let x: usize = load<u32>(op) + (flags & 1 ? wide : 0);
  let out: usize = load<u32>(op, 16) + (flags & 2 ? wide : 0);
  let mask: usize = load<u32>(op, 72) + (flags & 4 ? wide : 0);
  for (let sample = 0; sample < count; sample++) {
    if (flags & 16) gatherNarrow(op, x, out, flags & 8 ? mask : 0);
    else gatherPanels(op, x, out, flags & 8 ? mask : 0);
    x += load<u32>(op, 4);
    out += load<u32>(op, 20);
    mask += load<u32>(op, 76);
  }
}

function gatherPanels(op: usize, x: usize, out: usize, mask: usize): void {
  const xRow: usize = load<u32>(op, 8);
  const xPixel: usize = load<u32>(op, 12);
  const outRow: usize = load<u32>(op, 24);
  const outPixel: usize = load<u32>(op, 28);
  const height = load<i32>(op, 32);
  const width = load<i32>(op, 36);
  const table: usize = load<u32>(op, 40);
  const tableEnd: usize = load<u32>(op, 44);
  const runBytes: usize = load<u32>(op, 48);
  const channels = load<i32>(op, 60);
  const relu = load<i32>(op, 68);
  const maskRow: usize = load<u32>(op, 80);
  const maskPixel: usize = load<u32>(op, 84);
  const scratch: usize = load<u32>(op, 88);
  let weights: usize = load<u32>(op, 52);
  let start: usize = load<u32>(op, 64);
  for (let channel = 0; channel < channels; channel += 8) {
    const lanes = min(8, channels - channel);
    const whole = lanes === 8;
    const step = whole ? outPixel : 32;
    for (let row = 0; row < height; row++) {
      let px = x + row * xRow;
      let po = out + row * outRow + channel * 4;
      let pm = mask ? mask + row * maskRow + channel * 4 : 0;
      for (let left = width; left > 0; ) {
        const pixels = min(4, left);
        const target = whole ? po : scratch;
        if (pixels === 4)
          gather4(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
        else if (pixels === 3)
          gather3(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
        else if (pixels === 2)
          gather2(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
        else
          gather1(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
        if (!whole) copyLanes(scratch, 32, po, outPixel, pixels, lanes);
        left -= pixels;
        px += pixels * xPixel;
        po += pixels * outPixel;
        if (mask) pm += pixels * maskPixel;
      }
    }
    weights += load<u32>(op, 56);
    start += 32;
  }
}

function gatherNarrow(op: usize, x: usize, out: usize, mask: usize): void {
  const xRow: usize = load<u32>(op, 8);
  const xPixel: usize = load<u32>(op, 12);
  const outRow: usize = load<u32>(op, 24);
  const outPixel: usize = load<u32>(op, 28);
  const height = load<i32>(op, 32);
  const width = load<i32>(op, 36);
  const table: usize = load<u32>(op, 40);
  const tableEnd: usize = load<u32>(op, 44);
  const runBytes: usize = load<u32>(op, 48);
  const weights: usize = load<u32>(op, 52);
  const lanes = load<i32>(op, 60);
  const start: usize = load<u32>(op, 64);
  const relu = load<i32>(op, 68);
  const maskRow: usize = load<u32>(op, 80);
  const maskPixel: usize = load<u32>(op, 84);
  const scratch: usize = load<u32>(op, 88);
  const whole = lanes === 4;
  const step = whole ? outPixel : 16;
  for (let row = 0; row < height; row++) {
    let px = x + row * xRow;
    let po = out + row * outRow;
    let pm = mask ? mask + row * maskRow : 0;
    for (let left = width; left > 0; ) {
      const target = whole ? po : scratch;
      let pixels = 8;
      if (left >= 8)
        narrow8(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
      else if (left >= 4) {
        narrow4(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
        pixels = 4;
      } else if (left >= 2) {
        narrow2(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
        pixels = 2;
      } else {
        narrow1(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
        pixels = 1;
      }
      if (!whole) copyLanes(scratch, 16, po, outPixel, pixels, lanes);
      left -= pixels;
      px += pixels * xPixel;
      po += pixels * outPixel;
      if (mask) pm += pixels * maskPixel;
    }
  }
}

/** Where the channels do not fill the last panel its tile stands in `scratch`, `step` bytes a pixel. */
function copyLanes(scratch: usize, step: usize, out: usize, outPixel: usize, pixels: i32, lanes: i32): void {
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let lane = 0; lane < lanes; lane++) store<f32>(out + lane * 4, load<f32>(scratch + lane * 4));
    scratch += step;
    out += outPixel;
  }
}

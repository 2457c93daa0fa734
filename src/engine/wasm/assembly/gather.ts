// Convolutions and matrix products in gather form, whole: every sample, panel of 8 channels, row and
// tile. The operation is a record of 32-bit words in memory; `GATHER_WORDS` in ../operations.ts names them.
import { gather1, gather2, gather3, gather4 } from './gather-tile';

/** Runs the operation `op` for samples first … first + count − 1. */
export function gather(op: usize, first: i32, count: i32): void {
  const xSample: usize = load<u32>(op, 4);
  const xRow: usize = load<u32>(op, 8);
  const xPixel: usize = load<u32>(op, 12);
  const outSample: usize = load<u32>(op, 20);
  const outRow: usize = load<u32>(op, 24);
  const outPixel: usize = load<u32>(op, 28);
  const height = load<i32>(op, 32);
  const width = load<i32>(op, 36);
  const table: usize = load<u32>(op, 40);
  const tableEnd: usize = load<u32>(op, 44);
  const runBytes: usize = load<u32>(op, 48);
  const panelBytes: usize = load<u32>(op, 56);
  const channels = load<i32>(op, 60);
  const relu = load<i32>(op, 68);
  const maskRow: usize = load<u32>(op, 80);
  const maskPixel: usize = load<u32>(op, 84);
  const scratch: usize = load<u32>(op, 88);
  for (let sample = first; sample < first + count; sample++) {
    const x: usize = load<u32>(op) + sample * xSample;
    const out: usize = load<u32>(op, 16) + sample * outSample;
    const mask: usize = load<u32>(op, 72) === 0 ? 0 : load<u32>(op, 72) + sample * <usize>load<u32>(op, 76);
    let weights: usize = load<u32>(op, 52);
    let start: usize = load<u32>(op, 64);
    for (let channel = 0; channel < channels; channel += 8) {
      const lanes = min(8, channels - channel);
      for (let row = 0; row < height; row++) {
        let px = x + row * xRow;
        let po = out + row * outRow + channel * 4;
        let pm = mask === 0 ? 0 : mask + row * maskRow + channel * 4;
        for (let left = width; left > 0; ) {
          const pixels = min(4, left);
          const whole = lanes === 8;
          const target = whole ? po : scratch;
          const step = whole ? outPixel : 32;
          if (pixels === 4)
            gather4(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
          else if (pixels === 3)
            gather3(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
          else if (pixels === 2)
            gather2(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
          else
            gather1(px, xPixel, table, tableEnd, runBytes, weights, target, step, start, relu, pm, maskPixel);
          if (!whole) copyLanes(scratch, po, outPixel, pixels, lanes);
          left -= pixels;
          px += pixels * xPixel;
          po += pixels * outPixel;
          if (pm) pm += pixels * maskPixel;
        }
      }
      weights += panelBytes;
      start += 32;
    }
  }
}

/** The last panel of a channel count that 8 does not divide: its tile stands in `scratch`, 8 floats a pixel. */
function copyLanes(scratch: usize, out: usize, outPixel: usize, pixels: i32, lanes: i32): void {
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let lane = 0; lane < lanes; lane++) {
      store<f32>(out + lane * 4, load<f32>(scratch + lane * 4));
    }
    scratch += 32;
    out += outPixel;
  }
}

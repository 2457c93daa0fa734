// Convolutions and matrix products in gather form, whole: every sample, panel of channels, row and tile.
// The operation is a record of 32-bit words in memory, written by `gatherWords` in ../operations.ts.
import { gather1, gather2, gather3, gather4 } from './gather-tile';
import { narrow1, narrow2, narrow4 } from './narrow-tile';

/**
 * Runs the operation `op` for `count` samples. Bits of the last word: 1 where x, 2 where out, 4 where the
 * mask lies in the samples' batch-wide places, so that its address counts from `wide`; 8 where there is a
 * mask; 16 where one panel of 4 channels takes the place of panels of 8; 32 where the panel's channels
 * belong to several places of the output.
 */
export function gather(op: usize, wide: usize, count: i32): void {
  const flags = load<u32>(op, 92);
  let x: usize = load<u32>(op) + (flags & 1 ? wide : 0);
  let out: usize = load<u32>(op, 16) + (flags & 2 ? wide : 0);
  let mask: usize = load<u32>(op, 72) + (flags & 4 ? wide : 0);
  for (let sample = 0; sample < count; sample++) {
    gatherSample(op, flags, x, out, flags & 8 ? mask : 0);
    x += load<u32>(op, 4);
    out += load<u32>(op, 20);
    mask += load<u32>(op, 76);
  }
}

function gatherSample(op: usize, flags: u32, x: usize, out: usize, mask: usize): void {
  const xRow: usize = load<u32>(op, 8);
  const xPixel: usize = load<u32>(op, 12);
  const outRow: usize = load<u32>(op, 24);
  const outPixel: usize = load<u32>(op, 28);
  const height = load<i32>(op, 32);
  const width = load<i32>(op, 36);
  const channels = load<i32>(op, 60);
  const maskRow: usize = load<u32>(op, 80);
  const maskPixel: usize = load<u32>(op, 84);
  const scratch: usize = load<u32>(op, 88);
  const panel = flags & 16 ? 4 : 8;
  let weights: usize = load<u32>(op, 52);
  let start: usize = load<u32>(op, 64);
  for (let channel = 0; channel < channels; channel += panel) {
    const lanes = min(panel, channels - channel);
    // A tile writes whole panels; where that would be too much it writes to `scratch`.
    const direct = lanes === panel && (flags & 32) === 0;
    const step = direct ? outPixel : panel * 4;
    for (let row = 0; row < height; row++) {
      let px = x + row * xRow;
      let po = out + row * outRow + channel * 4;
      let pm = mask ? mask + row * maskRow + channel * 4 : 0;
      for (let left = width; left > 0; ) {
        const target = direct ? po : scratch;
        const pixels = runTile(
          op,
          panel,
          left,
          px,
          xPixel,
          weights,
          target,
          step,
          start,
          direct ? pm : 0,
          maskPixel,
        );
        if (!direct) scatter(op, flags, scratch, step, lanes, pixels, po, outPixel, pm, maskPixel);
        left -= pixels;
        px += pixels * xPixel;
        po += pixels * outPixel;
        if (mask) pm += pixels * maskPixel;
      }
    }
    weights += load<u32>(op, 56);
    start += panel * 4;
  }
}

/** The widest tile for at most `left` pixels; returns how many it computed. */
function runTile(
  op: usize,
  panel: i32,
  left: i32,
  x: usize,
  xStep: usize,
  weights: usize,
  out: usize,
  outStep: usize,
  start: usize,
  mask: usize,
  maskStep: usize,
): i32 {
  const table: usize = load<u32>(op, 40);
  const tableEnd: usize = load<u32>(op, 44);
  const runBytes: usize = load<u32>(op, 48);
  const relu = load<i32>(op, 68);
  if (panel === 8) {
    if (left >= 4) {
      gather4(x, xStep, table, tableEnd, runBytes, weights, out, outStep, start, relu, mask, maskStep);
      return 4;
    }
    if (left === 3) {
      gather3(x, xStep, table, tableEnd, runBytes, weights, out, outStep, start, relu, mask, maskStep);
      return 3;
    }
    if (left === 2) {
      gather2(x, xStep, table, tableEnd, runBytes, weights, out, outStep, start, relu, mask, maskStep);
      return 2;
    }
    gather1(x, xStep, table, tableEnd, runBytes, weights, out, outStep, start, relu, mask, maskStep);
    return 1;
  }
  if (left >= 4) {
    narrow4(x, xStep, table, tableEnd, runBytes, weights, out, outStep, start, relu, mask, maskStep);
    return 4;
  }
  if (left >= 2) {
    narrow2(x, xStep, table, tableEnd, runBytes, weights, out, outStep, start, relu, mask, maskStep);
    return 2;
  }
  narrow1(x, xStep, table, tableEnd, runBytes, weights, out, outStep, start, relu, mask, maskStep);
  return 1;
}

/** From `scratch`, `step` bytes a pixel, to where each channel belongs, masked on the way. */
function scatter(
  op: usize,
  flags: u32,
  scratch: usize,
  step: usize,
  panelLanes: i32,
  pixels: i32,
  out: usize,
  outPixel: usize,
  mask: usize,
  maskPixel: usize,
): void {
  const parts = flags & 32 ? load<i32>(op, 96) : 1;
  const lanes = panelLanes / parts;
  const zero = f32x4.splat(0);
  for (let part = 0; part < parts; part++) {
    const offsets: usize = load<u32>(op, 100) + part * 8;
    let to = out + (flags & 32 ? <usize>load<u32>(offsets) : 0);
    let pm = mask + (flags & 32 ? <usize>load<u32>(offsets, 4) : 0);
    let from = scratch + part * lanes * 4;
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (lanes === 4) {
        let value = v128.load(from);
        if (mask) value = v128.and(value, f32x4.gt(v128.load(pm), zero));
        v128.store(to, value);
      } else {
        for (let lane: usize = 0; lane < <usize>lanes * 4; lane += 4) {
          const value = load<f32>(from + lane);
          store<f32>(to + lane, mask && !(load<f32>(pm + lane) > 0) ? 0 : value);
        }
      }
      from += step;
      to += outPixel;
      pm += maskPixel;
    }
  }
}

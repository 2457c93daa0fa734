// One tile of a convolution in gather form: up to 4 output pixels × 8 channels, held in 8 registers
// of four lanes. Strict IEEE: every product is rounded, then every sum; the order of the sum is that
// of the weights, whatever the tile, so a pixel's value does not depend on its neighbours.
//
// `Pixels` carries a compile-time number, which AssemblyScript has no other place for: u8 is 1 pixel,
// u16 is 2, u32 is 3. The tile of 4 does most of the work and is written out below.

/**
 * out[p][0..7] = mask(relu(start[0..7] + Σ_segments Σ_run x[p][…] · w[…][0..7])).
 *
 * @param x first pixel's input; the other pixels follow at `xStep` bytes
 * @param table byte offsets from `x`, one a segment: where its `runBytes` contiguous input bytes begin
 * @param w weights in the order of the sum, 8 channels each
 * @param start 8 floats that the sum starts from: the bias, or zeros
 * @param relu 1 to clamp at zero (NaN stays NaN), 0 not to
 * @param mask 0, or an activation: where it is not above zero the result is zero (ReLU's derivative)
 */
function gatherTile<Pixels>(
  x: usize,
  xStep: usize,
  table: usize,
  tableEnd: usize,
  runBytes: usize,
  w: usize,
  out: usize,
  outStep: usize,
  start: usize,
  relu: i32,
  mask: usize,
  maskStep: usize,
): void {
  let a0 = v128.load(start);
  let a1 = v128.load(start, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  for (; table < tableEnd; table += 4) {
    let pa = x + load<u32>(table);
    let pb = pa + xStep;
    let pc = pb + xStep;
    const stop = pa + runBytes;
    while (pa < stop) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const xa = v128.load_splat<f32>(pa);
      a0 = f32x4.add(a0, f32x4.mul(xa, w0));
      a1 = f32x4.add(a1, f32x4.mul(xa, w1));
      pa += 4;
      if (sizeof<Pixels>() >= 2) {
        const xb = v128.load_splat<f32>(pb);
        b0 = f32x4.add(b0, f32x4.mul(xb, w0));
        b1 = f32x4.add(b1, f32x4.mul(xb, w1));
        pb += 4;
      }
      if (sizeof<Pixels>() >= 4) {
        const xc = v128.load_splat<f32>(pc);
        c0 = f32x4.add(c0, f32x4.mul(xc, w0));
        c1 = f32x4.add(c1, f32x4.mul(xc, w1));
        pc += 4;
      }
      w += 32;
    }
  }
  finish(out, a0, a1, relu, mask);
  if (sizeof<Pixels>() >= 2) finish(out + outStep, b0, b1, relu, mask === 0 ? 0 : mask + maskStep);
  if (sizeof<Pixels>() >= 4) finish(out + 2 * outStep, c0, c1, relu, mask === 0 ? 0 : mask + 2 * maskStep);
}

function finish(out: usize, low: v128, high: v128, relu: i32, mask: usize): void {
  const zero = f32x4.splat(0);
  if (relu) {
    // pmax(a, 0) is a < 0 ? 0 : a, one instruction, and lets a NaN through.
    low = f32x4.pmax(low, zero);
    high = f32x4.pmax(high, zero);
  }
  if (mask) {
    low = v128.and(low, f32x4.gt(v128.load(mask), zero));
    high = v128.and(high, f32x4.gt(v128.load(mask, 16), zero));
  }
  v128.store(out, low);
  v128.store(out, high, 16);
}

// Exported so that the optimiser keeps them functions of their own: inlined into a driver, a tile
// loses its registers to the driver's variables.
export function gather1(
  x: usize,
  xStep: usize,
  table: usize,
  tableEnd: usize,
  runBytes: usize,
  w: usize,
  out: usize,
  outStep: usize,
  start: usize,
  relu: i32,
  mask: usize,
  maskStep: usize,
): void {
  gatherTile<u8>(x, xStep, table, tableEnd, runBytes, w, out, outStep, start, relu, mask, maskStep);
}
export function gather2(
  x: usize,
  xStep: usize,
  table: usize,
  tableEnd: usize,
  runBytes: usize,
  w: usize,
  out: usize,
  outStep: usize,
  start: usize,
  relu: i32,
  mask: usize,
  maskStep: usize,
): void {
  gatherTile<u16>(x, xStep, table, tableEnd, runBytes, w, out, outStep, start, relu, mask, maskStep);
}
export function gather3(
  x: usize,
  xStep: usize,
  table: usize,
  tableEnd: usize,
  runBytes: usize,
  w: usize,
  out: usize,
  outStep: usize,
  start: usize,
  relu: i32,
  mask: usize,
  maskStep: usize,
): void {
  gatherTile<u32>(x, xStep, table, tableEnd, runBytes, w, out, outStep, start, relu, mask, maskStep);
}
/**
 * The tile of 4 pixels, four steps of the sum at a time. V8 moves all loads of a straight piece of code to
 * its front and then runs out of registers: 32 GFLOP/s where one step at a time gives 49. A branch that is
 * never taken, on a number that only run time knows, keeps the steps apart: 55 GFLOP/s.
 */
export function gather4(
  x: usize,
  xStep: usize,
  table: usize,
  tableEnd: usize,
  runBytes: usize,
  w: usize,
  out: usize,
  outStep: usize,
  start: usize,
  relu: i32,
  mask: usize,
  maskStep: usize,
): void {
  const never = relu >> 1;
  let a0 = v128.load(start);
  let a1 = v128.load(start, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  let w0: v128;
  let w1: v128;
  let splat: v128;
  for (; table < tableEnd; table += 4) {
    let pa = x + load<u32>(table);
    let pb = pa + xStep;
    let pc = pb + xStep;
    let pd = pc + xStep;
    const stop = pa + runBytes;
    const lastFour = stop - 16;
    while (pa <= lastFour) {
      w0 = v128.load(w);
      w1 = v128.load(w, 16);
      splat = v128.load_splat<f32>(pa);
      a0 = f32x4.add(a0, f32x4.mul(splat, w0));
      a1 = f32x4.add(a1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pb);
      b0 = f32x4.add(b0, f32x4.mul(splat, w0));
      b1 = f32x4.add(b1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pc);
      c0 = f32x4.add(c0, f32x4.mul(splat, w0));
      c1 = f32x4.add(c1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pd);
      d0 = f32x4.add(d0, f32x4.mul(splat, w0));
      d1 = f32x4.add(d1, f32x4.mul(splat, w1));
      if (never & 1) break;
      w0 = v128.load(w, 32);
      w1 = v128.load(w, 48);
      splat = v128.load_splat<f32>(pa, 4);
      a0 = f32x4.add(a0, f32x4.mul(splat, w0));
      a1 = f32x4.add(a1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pb, 4);
      b0 = f32x4.add(b0, f32x4.mul(splat, w0));
      b1 = f32x4.add(b1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pc, 4);
      c0 = f32x4.add(c0, f32x4.mul(splat, w0));
      c1 = f32x4.add(c1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pd, 4);
      d0 = f32x4.add(d0, f32x4.mul(splat, w0));
      d1 = f32x4.add(d1, f32x4.mul(splat, w1));
      if (never & 2) break;
      w0 = v128.load(w, 64);
      w1 = v128.load(w, 80);
      splat = v128.load_splat<f32>(pa, 8);
      a0 = f32x4.add(a0, f32x4.mul(splat, w0));
      a1 = f32x4.add(a1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pb, 8);
      b0 = f32x4.add(b0, f32x4.mul(splat, w0));
      b1 = f32x4.add(b1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pc, 8);
      c0 = f32x4.add(c0, f32x4.mul(splat, w0));
      c1 = f32x4.add(c1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pd, 8);
      d0 = f32x4.add(d0, f32x4.mul(splat, w0));
      d1 = f32x4.add(d1, f32x4.mul(splat, w1));
      if (never & 4) break;
      w0 = v128.load(w, 96);
      w1 = v128.load(w, 112);
      splat = v128.load_splat<f32>(pa, 12);
      a0 = f32x4.add(a0, f32x4.mul(splat, w0));
      a1 = f32x4.add(a1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pb, 12);
      b0 = f32x4.add(b0, f32x4.mul(splat, w0));
      b1 = f32x4.add(b1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pc, 12);
      c0 = f32x4.add(c0, f32x4.mul(splat, w0));
      c1 = f32x4.add(c1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pd, 12);
      d0 = f32x4.add(d0, f32x4.mul(splat, w0));
      d1 = f32x4.add(d1, f32x4.mul(splat, w1));
      pa += 16;
      pb += 16;
      pc += 16;
      pd += 16;
      w += 128;
    }
    while (pa < stop) {
      w0 = v128.load(w);
      w1 = v128.load(w, 16);
      splat = v128.load_splat<f32>(pa);
      a0 = f32x4.add(a0, f32x4.mul(splat, w0));
      a1 = f32x4.add(a1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pb);
      b0 = f32x4.add(b0, f32x4.mul(splat, w0));
      b1 = f32x4.add(b1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pc);
      c0 = f32x4.add(c0, f32x4.mul(splat, w0));
      c1 = f32x4.add(c1, f32x4.mul(splat, w1));
      splat = v128.load_splat<f32>(pd);
      d0 = f32x4.add(d0, f32x4.mul(splat, w0));
      d1 = f32x4.add(d1, f32x4.mul(splat, w1));
      pa += 4;
      pb += 4;
      pc += 4;
      pd += 4;
      w += 32;
    }
  }
  finish(out, a0, a1, relu, mask);
  finish(out + outStep, b0, b1, relu, mask === 0 ? 0 : mask + maskStep);
  finish(out + 2 * outStep, c0, c1, relu, mask === 0 ? 0 : mask + 2 * maskStep);
  finish(out + 3 * outStep, d0, d1, relu, mask === 0 ? 0 : mask + 3 * maskStep);
}

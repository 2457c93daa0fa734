// The gather tile for at most 4 channels: 4 pixels × 4 lanes, so that few lanes lie idle.
// Everything else is as in gather-tile.ts. `Pixels`: u8 is 1 pixel, u16 is 2, u32 is 4. (With 8 V8 spills.)

function narrowTile<Pixels>(
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
  let a = v128.load(start);
  let b = a;
  let c = a;
  let d = a;
  for (; table < tableEnd; table += 4) {
    let pa = x + load<u32>(table);
    let pb = pa + xStep;
    let pc = pb + xStep;
    let pd = pc + xStep;
    const stop = pa + runBytes;
    while (pa < stop) {
      const weights = v128.load(w);
      a = f32x4.add(a, f32x4.mul(v128.load_splat<f32>(pa), weights));
      pa += 4;
      if (sizeof<Pixels>() >= 2) {
        b = f32x4.add(b, f32x4.mul(v128.load_splat<f32>(pb), weights));
        pb += 4;
      }
      if (sizeof<Pixels>() >= 4) {
        c = f32x4.add(c, f32x4.mul(v128.load_splat<f32>(pc), weights));
        d = f32x4.add(d, f32x4.mul(v128.load_splat<f32>(pd), weights));
        pc += 4;
        pd += 4;
      }
      w += 16;
    }
  }
  finish(out, a, relu, mask);
  if (sizeof<Pixels>() >= 2) finish(out + outStep, b, relu, mask ? mask + maskStep : 0);
  if (sizeof<Pixels>() >= 4) {
    finish(out + 2 * outStep, c, relu, mask ? mask + 2 * maskStep : 0);
    finish(out + 3 * outStep, d, relu, mask ? mask + 3 * maskStep : 0);
  }
}

function finish(out: usize, value: v128, relu: i32, mask: usize): void {
  const zero = f32x4.splat(0);
  if (relu) value = f32x4.pmax(value, zero);
  if (mask) value = v128.and(value, f32x4.gt(v128.load(mask), zero));
  v128.store(out, value);
}

export function narrow1(
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
  narrowTile<u8>(x, xStep, table, tableEnd, runBytes, w, out, outStep, start, relu, mask, maskStep);
}
export function narrow2(
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
  narrowTile<u16>(x, xStep, table, tableEnd, runBytes, w, out, outStep, start, relu, mask, maskStep);
}
export function narrow4(
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
  narrowTile<u32>(x, xStep, table, tableEnd, runBytes, w, out, outStep, start, relu, mask, maskStep);
}

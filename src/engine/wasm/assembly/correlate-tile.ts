// One tile of a filter gradient (or of a product Aᵀ·B): up to 4 rows × 8 channels, summed over pixels.
// `Rows` carries a compile-time number: u8 is 1 row, u16 is 2, u32 is 4. (With 5 rows V8 spills.)

/**
 * sum[r][0..7] += Σ_samples Σ_rows Σ_pixels x[r] · y[0..7]; x[r] are contiguous floats.
 *
 * @param sum [Rows][8] floats, added to
 */
function correlateTile<Rows>(
  sum: usize,
  x: usize,
  y: usize,
  samples: i32,
  xSample: usize,
  ySample: usize,
  height: i32,
  xRow: usize,
  yRow: usize,
  yRowBytes: usize,
  xPixel: usize,
  yPixel: usize,
): void {
  let a0 = v128.load(sum);
  let a1 = v128.load(sum, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  if (sizeof<Rows>() >= 2) {
    b0 = v128.load(sum, 32);
    b1 = v128.load(sum, 48);
  }
  if (sizeof<Rows>() >= 4) {
    c0 = v128.load(sum, 64);
    c1 = v128.load(sum, 80);
    d0 = v128.load(sum, 96);
    d1 = v128.load(sum, 112);
  }
  for (let sample = 0; sample < samples; sample++) {
    let xLine = x;
    let yLine = y;
    for (let row = 0; row < height; row++) {
      let px = xLine;
      let py = yLine;
      const stop = py + yRowBytes;
      while (py < stop) {
        const y0 = v128.load(py);
        const y1 = v128.load(py, 16);
        const xa = v128.load_splat<f32>(px);
        a0 = f32x4.add(a0, f32x4.mul(xa, y0));
        a1 = f32x4.add(a1, f32x4.mul(xa, y1));
        if (sizeof<Rows>() >= 2) {
          const xb = v128.load_splat<f32>(px, 4);
          b0 = f32x4.add(b0, f32x4.mul(xb, y0));
          b1 = f32x4.add(b1, f32x4.mul(xb, y1));
        }
        if (sizeof<Rows>() >= 4) {
          const xc = v128.load_splat<f32>(px, 8);
          c0 = f32x4.add(c0, f32x4.mul(xc, y0));
          c1 = f32x4.add(c1, f32x4.mul(xc, y1));
          const xd = v128.load_splat<f32>(px, 12);
          d0 = f32x4.add(d0, f32x4.mul(xd, y0));
          d1 = f32x4.add(d1, f32x4.mul(xd, y1));
        }
        px += xPixel;
        py += yPixel;
      }
      xLine += xRow;
      yLine += yRow;
    }
    x += xSample;
    y += ySample;
  }
  v128.store(sum, a0);
  v128.store(sum, a1, 16);
  if (sizeof<Rows>() >= 2) {
    v128.store(sum, b0, 32);
    v128.store(sum, b1, 48);
  }
  if (sizeof<Rows>() >= 4) {
    v128.store(sum, c0, 64);
    v128.store(sum, c1, 80);
    v128.store(sum, d0, 96);
    v128.store(sum, d1, 112);
  }
}

// Exported so that the optimiser keeps them functions of their own (see gather-tile.ts).
export function correlate1(
  sum: usize,
  x: usize,
  y: usize,
  samples: i32,
  xSample: usize,
  ySample: usize,
  height: i32,
  xRow: usize,
  yRow: usize,
  yRowBytes: usize,
  xPixel: usize,
  yPixel: usize,
): void {
  correlateTile<u8>(sum, x, y, samples, xSample, ySample, height, xRow, yRow, yRowBytes, xPixel, yPixel);
}
export function correlate2(
  sum: usize,
  x: usize,
  y: usize,
  samples: i32,
  xSample: usize,
  ySample: usize,
  height: i32,
  xRow: usize,
  yRow: usize,
  yRowBytes: usize,
  xPixel: usize,
  yPixel: usize,
): void {
  correlateTile<u16>(sum, x, y, samples, xSample, ySample, height, xRow, yRow, yRowBytes, xPixel, yPixel);
}
export function correlate4(
  sum: usize,
  x: usize,
  y: usize,
  samples: i32,
  xSample: usize,
  ySample: usize,
  height: i32,
  xRow: usize,
  yRow: usize,
  yRowBytes: usize,
  xPixel: usize,
  yPixel: usize,
): void {
  correlateTile<u32>(sum, x, y, samples, xSample, ySample, height, xRow, yRow, yRowBytes, xPixel, yPixel);
}

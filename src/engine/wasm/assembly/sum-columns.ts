// Sums down the columns of a matrix: what a bias gradient is, or the sum of all numbers. Float32 adds up
// no more than a block; blocks are added in float64, so that a sum over millions is good to float32.
const BLOCK_ROWS: i32 = 64;

/**
 * to[column] = Σ_rows from[row][column], of [rows, columns].
 *
 * @param totals scratch for 8 float64
 */
export function sumColumns(from: usize, rows: i32, columns: i32, to: usize, totals: usize): void {
  if (columns < 8 && 8 % columns === 0) {
    sumFolded(from, rows * columns, columns, to, totals);
    return;
  }
  const rowBytes: usize = columns * 4;
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    sumEight(from + column * 4, rows, rowBytes, totals);
    for (let lane = 0; lane < 8; lane++) {
      store<f32>(to + (column + lane) * 4, <f32>load<f64>(totals + lane * 8));
    }
  }
  for (; column < columns; column++) {
    let total: f64 = 0;
    for (let row = 0; row < rows; row++) total += load<f32>(from + row * rowBytes + column * 4);
    store<f32>(to + column * 4, <f32>total);
  }
}

/** totals[lane] = Σ_rows from[row][lane] of eight columns. */
function sumEight(from: usize, rows: i32, rowBytes: usize, totals: usize): void {
  let s01 = f64x2.splat(0);
  let s23 = s01;
  let s45 = s01;
  let s67 = s01;
  for (let left = rows; left > 0; left -= BLOCK_ROWS) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let block = min(left, BLOCK_ROWS);
    for (; block >= 2; block -= 2) {
      a0 = f32x4.add(a0, v128.load(from));
      a1 = f32x4.add(a1, v128.load(from, 16));
      from += rowBytes;
      b0 = f32x4.add(b0, v128.load(from));
      b1 = f32x4.add(b1, v128.load(from, 16));
      from += rowBytes;
    }
    if (block) {
      a0 = f32x4.add(a0, v128.load(from));
      a1 = f32x4.add(a1, v128.load(from, 16));
      from += rowBytes;
    }
    a0 = f32x4.add(a0, b0);
    a1 = f32x4.add(a1, b1);
    s01 = f64x2.add(s01, f64x2.promote_low_f32x4(a0));
    s23 = f64x2.add(s23, f64x2.promote_low_f32x4(v128.shuffle<f64>(a0, a0, 1, 1)));
    s45 = f64x2.add(s45, f64x2.promote_low_f32x4(a1));
    s67 = f64x2.add(s67, f64x2.promote_low_f32x4(v128.shuffle<f64>(a1, a1, 1, 1)));
  }
  v128.store(totals, s01);
  v128.store(totals, s23, 16);
  v128.store(totals, s45, 32);
  v128.store(totals, s67, 48);
}

/** Where 8 is a multiple of the columns: rows of 8 numbers, whose lanes are added to the columns then. */
function sumFolded(from: usize, count: i32, columns: i32, to: usize, totals: usize): void {
  const whole = count & ~7;
  sumEight(from, whole >> 3, 32, totals);
  for (let column = 0; column < columns; column++) {
    let total: f64 = 0;
    for (let lane = column; lane < 8; lane += columns) total += load<f64>(totals + lane * 8);
    for (let at = whole + column; at < count; at += columns) total += load<f32>(from + at * 4);
    store<f32>(to + column * 4, <f32>total);
  }
}

// Moving numbers into the layouts that the tiles want, and back. Nothing here computes.

/** to[i] = from[table[i]], or 0 where table[i] is −1. */
export function pick(from: usize, table: usize, count: i32, to: usize): void {
  for (let i = 0; i < count; i++) {
    const index = load<i32>(table + (i << 2));
    store<f32>(to + (i << 2), index < 0 ? 0 : load<f32>(from + (index << 2)));
  }
}

/** Copies `rows` rows of `bytes` bytes between two pictures with their own row strides. */
export function copyRows(
  from: usize,
  fromRow: usize,
  to: usize,
  toRow: usize,
  rows: i32,
  bytes: usize,
): void {
  for (let row = 0; row < rows; row++) memory.copy(to + row * toRow, from + row * fromRow, bytes);
}

export function clear(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes);
}

/** Panels [⌈columns/8⌉][rows][8] of a matrix with any strides (bytes); lanes beyond the last column are 0. */
export function packPanels(
  from: usize,
  rowStep: usize,
  columnStep: usize,
  rows: i32,
  columns: i32,
  to: usize,
): void {
  for (let column = 0; column < columns; column += 8) {
    const lanes = min(8, columns - column);
    for (let row = 0; row < rows; row++) {
      const source = from + row * rowStep + column * columnStep;
      if (lanes === 8 && columnStep === 4) {
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
      } else {
        for (let lane = 0; lane < 8; lane++) {
          store<f32>(to + lane * 4, lane < lanes ? load<f32>(source + lane * columnStep) : 0);
        }
      }
      to += 32;
    }
  }
}

/** The way back: to[row][column] of [rows, columns] from panels. */
export function unpackPanels(from: usize, rows: i32, columns: i32, to: usize): void {
  for (let column = 0; column < columns; column += 8) {
    const lanes = min(8, columns - column);
    for (let row = 0; row < rows; row++) {
      const target = to + (row * columns + column) * 4;
      for (let lane = 0; lane < lanes; lane++) store<f32>(target + lane * 4, load<f32>(from + lane * 4));
      from += 32;
    }
  }
}

/** to [columns, rows] = from [rows, columns] transposed, in squares of 16 that fit the first cache. */
export function transpose(from: usize, rows: i32, columns: i32, to: usize): void {
  for (let row0 = 0; row0 < rows; row0 += 16) {
    const rowEnd = min(rows, row0 + 16);
    for (let column0 = 0; column0 < columns; column0 += 16) {
      const columnEnd = min(columns, column0 + 16);
      for (let row = row0; row < rowEnd; row++) {
        for (let column = column0; column < columnEnd; column++) {
          store<f32>(to + (column * rows + row) * 4, load<f32>(from + (row * columns + column) * 4));
        }
      }
    }
  }
}

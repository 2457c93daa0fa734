/** A table of numbers, row by row: element (row, column) is `data[row * columns + column]`. */
export interface Matrix {
  readonly data: Float32Array | Float64Array;
  readonly rows: number;
  readonly columns: number;
}

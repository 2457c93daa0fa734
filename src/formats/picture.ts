/** One grey picture as it lies in a file: the values are not scaled yet. */
export interface Picture {
  /** [height, width], row-major, 0 … maxValue. */
  readonly pixels: Uint8Array | Uint16Array | Float32Array;
  readonly height: number;
  readonly width: number;
  /** What counts as 1: 255 for 8 bits, 65,535 for 16; 1 for float. */
  readonly maxValue: number;
  /** The file held colours; the pixels are their luminance. */
  readonly colour: boolean;
  /** Millimetres from row to row and from column to column; null where the file does not say. */
  readonly spacing: readonly [number, number] | null;
}

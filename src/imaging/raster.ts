/** A grey picture as arrays go through this room; never written to in place. */
export interface Raster {
  /** [height, width], row-major. */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
}

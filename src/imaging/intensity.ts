/** Functions from pixel values to pixel values; shapes do not matter to them. */

/** Values below `low` become `low`, values above `high` become `high`. */
export function clip(pixels: Float32Array, low: number, high: number): Float32Array {
  return pixels.map((value) => Math.min(high, Math.max(low, value)));
}

/**
 * A window as radiology uses it: `centre − width/2` becomes 0, `centre + width/2` becomes 1, values
 * outside are clipped. Centre and width in the unit of the pixels.
 */
export function applyWindow(
  pixels: Float32Array,
  { centre, width }: { centre: number; width: number },
): Float32Array {
  const low = centre - width / 2;
  return pixels.map((value) => Math.min(1, Math.max(0, (value - low) / width)));
}

/**
 * The lower percentile becomes 0, the upper one 1, values outside are clipped. A picture in which both
 * are equal becomes 0.
 * @param range percentiles, 0 … 100.
 */
export function scalePercentiles(
  pixels: Float32Array,
  range: { lower: number; upper: number },
): Float32Array {
  const sorted = pixels.toSorted();
  const low = percentileOfSorted(sorted, range.lower);
  const high = percentileOfSorted(sorted, range.upper);
  if (high <= low) return new Float32Array(pixels.length);
  return applyWindow(pixels, { centre: (low + high) / 2, width: high - low });
}

/** Mean 0 and standard deviation 1 (over n, not n − 1). A picture of one value becomes 0. */
export function standardise(pixels: Float32Array): Float32Array {
  const mean = meanOf(pixels);
  const variance = pixels.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / pixels.length;
  if (variance === 0) return new Float32Array(pixels.length);
  const deviation = Math.sqrt(variance);
  return pixels.map((value) => (value - mean) / deviation);
}

/** Summed in the order of the values, in float64. NaN where there are none. */
export function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Linear interpolation between the two nearest ranks, as numpy's default.
 * @param sorted ascending, at least one value. @param percentile 0 … 100.
 */
export function percentileOfSorted(sorted: Float32Array, percentile: number): number {
  const rank = ((sorted.length - 1) * percentile) / 100;
  const below = Math.floor(rank);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
}

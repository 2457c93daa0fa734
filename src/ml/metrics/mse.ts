/** The mean of squared differences over all elements; both arrays of one shape, and not empty. */
export function measureMse(reconstructions: ArrayLike<number>, images: ArrayLike<number>): number {
  if (reconstructions.length !== images.length || images.length === 0) {
    throw new RangeError(`${reconstructions.length} reconstructed values for ${images.length} true ones`);
  }
  let sum = 0;
  for (let index = 0; index < images.length; index++) {
    const difference = reconstructions[index] - images[index];
    sum += difference * difference;
  }
  return sum / images.length;
}

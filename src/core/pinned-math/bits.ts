const value = new Float64Array(1);
const words = new Uint32Array(value.buffer);
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0; // which half holds the exponent

/** 2^exponent, −1022 ≤ exponent ≤ 1023. */
export function powerOfTwo(exponent: number): number {
  words[1 - HIGH] = 0;
  words[HIGH] = (exponent + 1023) << 20;
  return value[0];
}

/** x · 2^exponent, −2044 ≤ exponent ≤ 2046, rounded once. */
export function scale(x: number, exponent: number): number {
  const half = exponent >> 1;
  // Rounded once, because the first product of an x near 1 stays in the normal range.
  return x * powerOfTwo(half) * powerOfTwo(exponent - half);
}

/** ⌊log₂|x|⌋ of a normal x. */
export function exponentOf(x: number): number {
  value[0] = x;
  return ((words[HIGH] >>> 20) & 0x7ff) - 1023;
}

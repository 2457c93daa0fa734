const value = new Float64Array(1);
const words = new Uint32Array(value.buffer);
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0; // which half holds the exponent

const LEAST_EXPONENT = -1022;
/** All normal powers of two: a table, because putting the bits together in memory stalls the processor. */
const POWERS = buildPowers();

function buildPowers(): Float64Array {
  const powers = new Float64Array(1023 - LEAST_EXPONENT + 1);
  powers[-LEAST_EXPONENT] = 1;
  for (let exponent = 1; exponent <= 1023; exponent++) {
    powers[exponent - LEAST_EXPONENT] = 2 * powers[exponent - 1 - LEAST_EXPONENT];
  }
  for (let exponent = -1; exponent >= LEAST_EXPONENT; exponent--) {
    powers[exponent - LEAST_EXPONENT] = powers[exponent + 1 - LEAST_EXPONENT] / 2;
  }
  return powers;
}

/** 2^exponent, −1022 ≤ exponent ≤ 1023. */
export function powerOfTwo(exponent: number): number {
  return POWERS[exponent - LEAST_EXPONENT];
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

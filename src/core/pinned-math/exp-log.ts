import { exponentOf, powerOfTwo } from './bits.ts';
import { EXP2_TABLE, LN2, LN2_OVER_64, LOG_FIRST, LOG_RECIPROCAL, LOG_TABLE } from './constants.ts';
import { normalise, tail } from './pairs.ts';

/** The power of two that the last `expPair` took out. */
export const binaryExponent = new Int32Array(1);

const STEPS_PER_UNIT = 1 / (LN2_OVER_64.high + LN2_OVER_64.low);

/**
 * e^(high + low) = (returned + tail) · 2^binaryExponent, the returned word in 0.99 … 2, to a relative
 * 2⁻⁶¹; |high| ≤ 750. By 2^(n/64) from a table and Taylor's series of the rest, |r| ≤ ln 2 / 128.
 */
export function expPair(high: number, low: number): number {
  const n = Math.floor(high * STEPS_PER_UNIT + 0.5);
  const coarse = high - n * LN2_OVER_64.high; // exact: both lie on one grid and nearly cancel
  const fine = n * LN2_OVER_64.low;
  const r = coarse - fine;
  const rLow = coarse - r - fine + low;
  const curve = r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r / 5040)))));
  const growth = r + (curve + rLow + rLow * r);
  const growthLow = r - growth + (curve + rLow + rLow * r);
  const index = n & 63;
  const base = EXP2_TABLE.high[index];
  binaryExponent[0] = n >> 6;
  return normalise(base, base * growth + (base * growthLow + EXP2_TABLE.low[index] * (1 + growth)));
}

/**
 * ln x as a pair, to a relative 2⁻⁶⁶; x finite and positive. x = 2^k · m, m in √½ … √2; c ≈ 1/m from
 * a table makes r = c·m − 1 small (below 2⁻⁷) and exact; ln x = k ln 2 − ln c + ln(1 + r).
 */
export function logPair(x: number): number {
  let k = 0;
  let m = x;
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984; // 2⁵⁴ lifts a subnormal
    k = -54;
  }
  const exponent = exponentOf(m);
  k += exponent;
  m = exponent < 1023 ? m * powerOfTwo(-exponent) : m * 0.5 * powerOfTwo(-1022);
  if (m > Math.SQRT2) {
    m *= 0.5;
    k += 1;
  }
  const index = Math.floor(m * 128 + 0.5) - LOG_FIRST;
  const c = LOG_RECIPROCAL[index];
  const mHigh = Math.fround(m); // 24 bits: both products with c's 10 are exact
  const rCoarse = mHigh * c - 1;
  const rFine = (m - mHigh) * c;
  const r = rCoarse + rFine;
  const rLow = rFine - (r - rCoarse);
  const rShort = Math.fround(r); // 24 bits: its square is exact
  const halfSquare = 0.5 * rShort * rShort;
  const halfSquareLow = 0.5 * (r - rShort) * (r + rShort);
  const head = r - halfSquare;
  const headLow = r - head - halfSquare;
  const series =
    r *
    r *
    r *
    (1 / 3 - r * (1 / 4 - r * (1 / 5 - r * (1 / 6 - r * (1 / 7 - r * (1 / 8 - r * (1 / 9 - r / 10)))))));
  const small = headLow + (rLow * (1 - r) - halfSquareLow + series);
  const known = k * LN2.high + LOG_TABLE.high[index]; // exact, and 0 or larger than head
  const sum = known + head;
  return normalise(sum, known - sum + head + (small + (k * LN2.low + LOG_TABLE.low[index])));
}

/** ln(high + low) as a pair; high positive, |low| ≤ ulp(high)/2. */
export function logOfPair(high: number, low: number): number {
  const sum = logPair(high);
  const ratio = low / high;
  return normalise(sum, tail[0] + (ratio - 0.5 * ratio * ratio));
}

/**
 * Every irrational constant and table, computed once from integers: fixed point with 128 bits after
 * the point, so that no digit has to be believed. Series: Machin-like sums of atan and atanh.
 */
const FRACTION_BITS = 128;
const ONE = 1n << BigInt(FRACTION_BITS);

/** atan (or atanh) of numerator/denominator, |ratio| < 1, in fixed point with `bits` after the point. */
function arcTangentSeries(numerator: bigint, denominator: bigint, hyperbolic: boolean, bits: number): bigint {
  const squareOver = numerator * numerator;
  const squareUnder = denominator * denominator;
  let power = (numerator << BigInt(bits)) / denominator;
  let sum = 0n;
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += !hyperbolic && odd % 4n === 3n ? -(power / odd) : power / odd;
    power = (power * squareOver) / squareUnder;
  }
  return sum;
}

/** A number as the sum of two doubles. */
export interface Pair {
  readonly high: number;
  readonly low: number;
}

/** The double nearest to value / 2^bits: Number() rounds to nearest, the division is exact. */
function toDouble(value: bigint, bits: number): number {
  return Number(value) / Number(1n << BigInt(bits));
}

/** value / 2^bits as a pair whose high word is the nearest double. */
function toPair(value: bigint, bits: number = FRACTION_BITS): Pair {
  const high = toDouble(value, bits);
  return { high, low: toDouble(value - BigInt(high * Number(1n << BigInt(bits))), bits) };
}

/** The same of a 128-bit value, with a high word cut to `gridBits` bits after the point. */
function toGridPair(value: bigint, gridBits: number): Pair {
  const shift = BigInt(FRACTION_BITS - gridBits);
  const upper = value >> shift;
  return { high: toDouble(upper, gridBits), low: toDouble(value - (upper << shift), FRACTION_BITS) };
}

const fixedLn2 = 2n * arcTangentSeries(1n, 3n, true, FRACTION_BITS);
const fixedLn10 = 3n * fixedLn2 + 2n * arcTangentSeries(1n, 9n, true, FRACTION_BITS); // 10 = 8 · 5/4

/** ln 2 on a grid of 2⁻⁴²: k · high is exact for every exponent k of a double. */
export const LN2: Pair = toGridPair(fixedLn2, 42);
/** ln 2 / 64 on a grid of 2⁻³⁶: n · high is exact for |n| < 2²³. */
export const LN2_OVER_64: Pair = toGridPair(fixedLn2 / 64n, 36);
export const INVERSE_LN2: Pair = toPair((ONE * ONE) / fixedLn2);
export const INVERSE_LN10: Pair = toPair((ONE * ONE) / fixedLn10);

/** 2^(j/64) for j = 0 … 63. */
export const EXP2_TABLE = tablePairs(buildExp2Table());

function buildExp2Table(): bigint[] {
  const step = fixedLn2 / 64n;
  let ratio = ONE;
  let term = ONE;
  for (let order = 1n; term !== 0n; order++) {
    term = (term * step) / (ONE * order);
    ratio += term;
  }
  const table = [ONE];
  for (let j = 1; j < 64; j++) table.push((table[j - 1] * ratio) / ONE);
  return table;
}

/** First and last j of the logarithm's table: m ≈ j/128 covers √½ … √2. */
export const LOG_FIRST = 90;
const LOG_LAST = 182;
/** c ≈ 128/j with 9 bits after the point, so that c · m is exact in two pieces; c is 1 at j = 128. */
export const LOG_RECIPROCAL = Float64Array.from(
  { length: LOG_LAST - LOG_FIRST + 1 },
  (_, index) => Math.round(65536 / (LOG_FIRST + index)) / 512,
);
/** −ln c, the high word on ln 2's grid: k · ln 2 − ln c has an exact high word. */
export const LOG_TABLE = tablePairs(
  Array.from(LOG_RECIPROCAL, (c) => {
    const numerator = BigInt(c * 512);
    return -2n * arcTangentSeries(numerator - 512n, numerator + 512n, true, FRACTION_BITS);
  }),
  42,
);

/** atan(j/32) for j = 0 … 32, by atan a − atan b = atan((a−b)/(1+ab)). */
const fixedArcTangents = buildArcTangents();
export const ATAN_TABLE = tablePairs(fixedArcTangents);
export const HALF_PI: Pair = toPair(2n * fixedArcTangents[32]);
export const PI: Pair = toPair(4n * fixedArcTangents[32]);
export const TWO_OVER_PI = toDouble((ONE * ONE) / (2n * fixedArcTangents[32]), FRACTION_BITS);
/** π/2 in three pieces of 33 bits and a remainder: n · piece is exact for |n| < 2²⁰. */
export const HALF_PI_PIECES = splitHalfPi();

function buildArcTangents(): bigint[] {
  const table = [0n];
  for (let j = 1n; j <= 32n; j++) {
    table.push(table[Number(j) - 1] + arcTangentSeries(32n, 1024n + j * (j - 1n), false, FRACTION_BITS));
  }
  return table;
}

function splitHalfPi(): readonly [number, number, number, number] {
  const pieces: number[] = [];
  let rest = 2n * fixedArcTangents[32];
  for (const gridBits of [32, 65, 98]) {
    const shift = BigInt(FRACTION_BITS - gridBits);
    const upper = rest >> shift;
    pieces.push(toDouble(upper, gridBits));
    rest -= upper << shift;
  }
  return [pieces[0], pieces[1], pieces[2], toDouble(rest, FRACTION_BITS)];
}

function tablePairs(values: readonly bigint[], gridBits?: number): { high: Float64Array; low: Float64Array } {
  const pairs = values.map((value) => (gridBits === undefined ? toPair(value) : toGridPair(value, gridBits)));
  return {
    high: Float64Array.from(pairs, (pair) => pair.high),
    low: Float64Array.from(pairs, (pair) => pair.low),
  };
}

/** The quotient may have 1,024 bits; 176 are to spare. */
const LONG_FRACTION_BITS = 1200;
let longHalfPi: bigint | undefined;

/**
 * x = mantissa · 2^exponent, |x| large, as quadrant · π/2 + (high + low) with |high| ≤ π/4: the exact remainder
 * by integers. The error of π/2, times a quotient below 2¹⁰²⁴, stays below 2⁻¹⁷⁶.
 */
export function reduceLongAngle(mantissa: bigint, exponent: number): { quadrant: number } & Pair {
  longHalfPi ??=
    // Machin 1706: π/4 = 4 atan(1/5) − atan(1/239)
    8n * arcTangentSeries(1n, 5n, false, LONG_FRACTION_BITS) -
    2n * arcTangentSeries(1n, 239n, false, LONG_FRACTION_BITS);
  const scaled = mantissa << BigInt(LONG_FRACTION_BITS + exponent);
  const quotient = (2n * scaled + longHalfPi) / (2n * longHalfPi);
  const rest = scaled - quotient * longHalfPi;
  // The remainder of a double is never below 2⁻⁷⁰: 300 bits hold a pair of it with room to spare.
  return { quadrant: Number(quotient & 3n), ...toPair(rest >> BigInt(LONG_FRACTION_BITS - 300), 300) };
}

/**
 * The transcendental functions, the same to the last bit on every machine and engine: ECMAScript leaves
 * their accuracy to the implementation, and two versions of V8 do differ. Everything here is built of
 * IEEE 754's basic operations and the square root, which are exact everywhere, in a fixed order.
 * Each result is within 1 ulp of the true value (the worst of 330,000 measured: 0.88); special cases are ECMAScript's.
 */

import { anglePair, cosPair, quadrant, reduceAngle, sinPair } from './pinned-math/angles.ts';
import { exponentOf, powerOfTwo, scale } from './pinned-math/bits.ts';
import { HALF_PI, INVERSE_LN2, INVERSE_LN10, LN2, PI } from './pinned-math/constants.ts';
import { binaryExponent, expPair, logOfPair, logPair } from './pinned-math/exp-log.ts';
import {
  add,
  addExactly,
  divide,
  multiply,
  multiplyExactly,
  normalise,
  squareRoot,
  tail,
} from './pinned-math/pairs.ts';

/** Below this size (2⁻²⁸) an odd function of slope 1 equals its argument to half an ulp. */
const TINY = 3.725290298461914e-9;
const OVERFLOW_EXPONENT = 709.782712893384; // e^x is infinite above
const UNDERFLOW_EXPONENT = -745.1332191019412; // e^x is 0 below

export function exp(x: number): number {
  return expOf(x, 0);
}

/** e^(high + low), rounded. */
function expOf(high: number, low: number): number {
  if (!(high <= OVERFLOW_EXPONENT)) return high > 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (high < UNDERFLOW_EXPONENT) return 0;
  const word = expPair(high, low);
  return scale(word, binaryExponent[0]);
}

export function expm1(x: number): number {
  const size = Math.abs(x);
  if (size < 1.1102230246251565e-16) return x; // 2⁻⁵³
  if (size < 0.3) return x + curveOfExp(x);
  if (!(x <= OVERFLOW_EXPONENT)) return x > 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x < -40) return -1;
  const word = expPair(x, 0);
  if (x > 40) return scale(word, binaryExponent[0]); // 1 is less than a quarter of an ulp
  const factor = powerOfTwo(binaryExponent[0]);
  return add(word * factor, tail[0] * factor, -1, 0);
}

/** e^x − 1 − x for |x| < 0.3, Taylor's series. */
function curveOfExp(x: number): number {
  let sum = 0;
  for (let order = 15; order >= 2; order--) sum = (1 + sum) * (x / order);
  return sum * x;
}

/** NaN, 0 and ∞ as every logarithm treats them; undefined for the arguments that need work. */
function logOfSpecial(x: number): number | undefined {
  if (x > 0 && x < Number.POSITIVE_INFINITY) return undefined;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x > 0 ? x : Number.NaN;
}

export function log(x: number): number {
  return logOfSpecial(x) ?? logPair(x);
}

export function log2(x: number): number {
  const special = logOfSpecial(x);
  if (special !== undefined) return special;
  const word = logPair(x);
  return multiply(word, tail[0], INVERSE_LN2.high, INVERSE_LN2.low);
}

export function log10(x: number): number {
  const special = logOfSpecial(x);
  if (special !== undefined) return special;
  const word = logPair(x);
  return multiply(word, tail[0], INVERSE_LN10.high, INVERSE_LN10.low);
}

export function log1p(x: number): number {
  if (Math.abs(x) < 1.1102230246251565e-16) return x; // 2⁻⁵³
  const special = logOfSpecial(1 + x);
  if (special !== undefined) return special;
  const word = addExactly(1, x);
  return logOfPair(word, tail[0]);
}

/** x to the power of y; like ECMAScript, and unlike C, 1 to the power of ±∞ or NaN is NaN. */
export function pow(x: number, y: number): number {
  if (y === 2) return x * x;
  if (y === 0) return 1;
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return powOfSpecial(x, y);
  return powOfPositive(x, y);
}

/** x zero, negative, infinite or NaN; y not 0. */
function powOfSpecial(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const odd = Math.abs(y % 2) === 1;
  const sign = odd && (x < 0 || Object.is(x, -0)) ? -1 : 1;
  const size = Math.abs(x);
  if (size === 0) return sign * (y > 0 ? 0 : Number.POSITIVE_INFINITY);
  if (size === Number.POSITIVE_INFINITY) return sign * (y > 0 ? Number.POSITIVE_INFINITY : 0);
  if (Number.isFinite(y) && y !== Math.floor(y)) return Number.NaN;
  return sign * powOfPositive(size, y);
}

function powOfPositive(x: number, y: number): number {
  const extent = Math.abs(y);
  if (!(extent < 1e20)) {
    // |y ln x| exceeds 10⁴ for every x but 1
    if (Number.isNaN(y)) return Number.NaN;
    if (x === 1) return extent === Number.POSITIVE_INFINITY ? Number.NaN : 1;
    return x > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  if (extent < 1.3552527156068805e-20) return 1; // 2⁻⁶⁶: |y ln x| is below half an ulp of 1
  if (y === 0.5) return Math.sqrt(x);
  const word = logPair(x);
  const product = multiply(word, tail[0], y, 0);
  return expOf(product, tail[0]);
}

export function sin(x: number): number {
  if (Math.abs(x) < TINY) return x;
  if (!Number.isFinite(x)) return Number.NaN;
  const rest = reduceAngle(x);
  const size = quadrant[0] & 1 ? cosPair(rest, tail[0]) : sinPair(rest, tail[0]);
  return quadrant[0] & 2 ? -size : size;
}

export function cos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const rest = reduceAngle(x);
  const size = quadrant[0] & 1 ? sinPair(rest, tail[0]) : cosPair(rest, tail[0]);
  return quadrant[0] === 1 || quadrant[0] === 2 ? -size : size;
}

export function tan(x: number): number {
  if (Math.abs(x) < TINY) return x;
  if (!Number.isFinite(x)) return Number.NaN;
  const rest = reduceAngle(x);
  const restLow = tail[0];
  const sine = sinPair(rest, restLow);
  const sineLow = tail[0];
  const cosine = cosPair(rest, restLow);
  return quadrant[0] & 1 ? -divide(cosine, tail[0], sine, sineLow) : divide(sine, sineLow, cosine, tail[0]);
}

/** √(1 − x²) as a pair, |x| ≤ 1. */
function cathetus(x: number): number {
  const square = multiplyExactly(x, x);
  const rest = add(1, 0, -square, -tail[0]);
  return squareRoot(rest, tail[0]);
}

export function asin(x: number): number {
  const size = Math.abs(x);
  if (size < TINY) return x;
  if (!(size <= 1)) return Number.NaN;
  const other = cathetus(size);
  const angle = anglePair(size, 0, other, tail[0]);
  return x < 0 ? -angle : angle;
}

export function acos(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return Number.NaN;
  if (size < TINY * TINY) return HALF_PI.high;
  const other = cathetus(size);
  const angle = anglePair(other, tail[0], size, 0);
  return x < 0 ? add(PI.high, PI.low, -angle, -tail[0]) : angle;
}

export function atan(x: number): number {
  const size = Math.abs(x);
  if (!(size >= TINY)) return x;
  const angle = size > 1e20 ? HALF_PI.high : anglePair(size, 0, 1, 0);
  return x < 0 ? -angle : angle;
}

export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const angle = angleOf(Math.abs(y), x);
  return y < 0 || Object.is(y, -0) ? -angle : angle;
}

/** atan2 for a y ≥ 0. */
function angleOf(y: number, x: number): number {
  const backward = x < 0 || Object.is(x, -0);
  const width = Math.abs(x);
  if (y === 0) return backward ? PI.high : 0;
  if (y === width && y === Number.POSITIVE_INFINITY) return backward ? 0.75 * PI.high : 0.5 * HALF_PI.high;
  const negligible = 8.470329472543003e-22; // 2⁻⁷⁰
  if (width <= y * negligible) return HALF_PI.high;
  if (y <= width * negligible) return backward ? PI.high : y / width;
  const factor = widthFactor(Math.max(y, width));
  const angle = anglePair(y * factor, 0, width * factor, 0);
  return backward ? add(PI.high, PI.low, -angle, -tail[0]) : angle;
}

/** A power of two that brings a coordinate into the range where pairs neither overflow nor lose bits. */
function widthFactor(width: number): number {
  if (width > powerOfTwo(900)) return powerOfTwo(-200);
  return width < powerOfTwo(-700) ? powerOfTwo(600) : 1;
}

/** sinh x as a pair, TINY ≤ x ≤ 40. */
function sinhPair(x: number): number {
  if (x < 0.3) {
    const z = x * x;
    let sum = 0;
    for (let order = 15; order >= 3; order -= 2) sum = (1 + sum) * (z / (order * (order - 1)));
    return normalise(x, sum * x);
  }
  const word = expPair(x, 0);
  const factor = 0.5 * powerOfTwo(binaryExponent[0]);
  const high = word * factor;
  const low = tail[0] * factor;
  const inverse = divide(0.25, 0, high, low);
  return add(high, low, -inverse, -tail[0]);
}

/** cosh x as a pair, 0 ≤ x ≤ 40. */
function coshPair(x: number): number {
  const word = expPair(x, 0);
  const factor = 0.5 * powerOfTwo(binaryExponent[0]);
  const high = word * factor;
  const low = tail[0] * factor;
  const inverse = divide(0.25, 0, high, low);
  return add(high, low, inverse, tail[0]);
}

/** e^x / 2 for an x so large that e^−x adds nothing. */
function halfExp(x: number): number {
  if (!(x <= 711)) return x > 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  const word = expPair(x, 0);
  return scale(word, binaryExponent[0] - 1);
}

export function sinh(x: number): number {
  const size = Math.abs(x);
  if (!(size >= TINY)) return x;
  const result = size > 40 ? halfExp(size) : sinhPair(size);
  return x < 0 ? -result : result;
}

export function cosh(x: number): number {
  const size = Math.abs(x);
  return size <= 40 ? coshPair(size) : halfExp(size);
}

export function tanh(x: number): number {
  const size = Math.abs(x);
  if (!(size >= TINY)) return x;
  const result = size > 22 ? 1 : tanhOf(size);
  return x < 0 ? -result : result;
}

function tanhOf(x: number): number {
  const over = sinhPair(x);
  const overLow = tail[0];
  const under = coshPair(x);
  return divide(over, overLow, under, tail[0]);
}

/** Above this, x² ± 1 is x² to more than a pair's precision that matters. */
const LARGE = 1e9;

/** ln(2x) for a large x. */
function logOfDouble(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return x;
  const word = logPair(x);
  return add(word, tail[0], LN2.high, LN2.low);
}

export function asinh(x: number): number {
  const size = Math.abs(x);
  if (!(size >= TINY)) return x;
  const result = size > LARGE ? logOfDouble(size) : logOfSum(size, 1);
  return x < 0 ? -result : result;
}

export function acosh(x: number): number {
  if (!(x >= 1)) return Number.NaN;
  return x > LARGE ? logOfDouble(x) : logOfSum(x, -1);
}

/** ln(x + √(x² + offset)). */
function logOfSum(x: number, offset: 1 | -1): number {
  const square = multiplyExactly(x, x);
  const radicand = add(square, tail[0], offset, 0);
  const root = squareRoot(radicand, tail[0]);
  const sum = add(root, tail[0], x, 0);
  return logOfPair(sum, tail[0]);
}

export function atanh(x: number): number {
  const size = Math.abs(x);
  if (!(size >= TINY)) return x;
  if (!(size < 1)) return size === 1 ? x * Number.POSITIVE_INFINITY : Number.NaN;
  const over = addExactly(1, x);
  const overLow = tail[0];
  const under = addExactly(1, -x);
  const ratio = divide(over, overLow, under, tail[0]);
  return 0.5 * logOfPair(ratio, tail[0]);
}

/** The cube root: Halley's iteration on 1 … 8, then one step of Newton's in a pair. */
export function cbrt(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const subnormal = Math.abs(x) < 2.2250738585072014e-308;
  const size = subnormal ? Math.abs(x) * 18014398509481984 : Math.abs(x); // 2⁵⁴ = (2¹⁸)³
  const third = Math.floor(exponentOf(size) / 3);
  const m = scale(size, -3 * third);
  let y = 1 + (m - 1) / 7;
  for (let step = 0; step < 3; step++) {
    const cube = y * y * y;
    y = (y * (cube + 2 * m)) / (2 * cube + m);
  }
  const square = multiplyExactly(y, y);
  const cube = multiply(square, tail[0], y, 0);
  const root = scale(y + (m - cube - tail[0]) / (3 * square), subnormal ? third - 18 : third);
  return x < 0 ? -root : root;
}

/** √(Σ v²), without overflow on the way. */
export function hypot(...values: number[]): number {
  let largest = 0;
  let unknown = false;
  for (const value of values) {
    if (Number.isNaN(value)) unknown = true;
    else largest = Math.max(largest, Math.abs(value));
  }
  if (largest === Number.POSITIVE_INFINITY) return largest;
  if (unknown) return Number.NaN;
  if (largest === 0) return 0;
  const exponent = largest > powerOfTwo(500) ? -600 : largest < powerOfTwo(-400) ? 700 : 0;
  let sum = 0;
  let sumLow = 0;
  for (const value of values) {
    const scaled = value * powerOfTwo(exponent);
    const square = multiplyExactly(scaled, scaled);
    sum = add(sum, sumLow, square, tail[0]);
    sumLow = tail[0];
  }
  return squareRoot(sum, sumLow) * powerOfTwo(-exponent);
}

const unary = {
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  cbrt,
} as const;

/**
 * Replaces the transcendental functions of `target` (the global Math) with those above. A worker calls
 * it before it loads any library, so that what a library computes is pinned too; the operator `**`
 * cannot be replaced, and constants that V8 folded before the call stay as they were.
 */
export function pinMath(target: Math): void {
  for (const [name, pinned] of Object.entries(unary)) define(target, name, (x) => pinned(+x));
  define(target, 'pow', (x, y) => pow(+x, +y));
  define(target, 'atan2', (y, x) => atan2(+y, +x));
  define(target, 'hypot', (...values) => hypot(...values.map(Number)));
}

/** As ECMAScript defines its own: not enumerable, replaceable. */
function define(target: Math, name: string, value: (...values: number[]) => number): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}

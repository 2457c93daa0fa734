/**
 * Numbers as unevaluated sums of two doubles, some 104 bits in all. A function here returns the high
 * word and leaves the low one in `tail[0]`: a returned object would cost an allocation per operation,
 * so a caller reads `tail[0]` before it calls anything else.
 * Error-free sum: Knuth, TAOCP 2, 4.2.2. Error-free product: Dekker 1971, with Veltkamp's splitting.
 */
export const tail = new Float64Array(1);

/** a + b, exactly. */
export function addExactly(a: number, b: number): number {
  const sum = a + b;
  const fromB = sum - a;
  tail[0] = a - (sum - fromB) + (b - fromB);
  return sum;
}

/** a · b, exactly, as long as nothing overflows (|a|, |b| < 2⁹⁹⁶) or falls below 2⁻⁹⁶⁹. */
export function multiplyExactly(a: number, b: number): number {
  const product = a * b;
  const shiftedA = 134217729 * a; // 2²⁷ + 1 splits 53 bits into two halves
  const highA = shiftedA - (shiftedA - a);
  const lowA = a - highA;
  const shiftedB = 134217729 * b;
  const highB = shiftedB - (shiftedB - b);
  const lowB = b - highB;
  tail[0] = lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
  return product;
}

/** The pair of high + low where |high| ≥ |low| or high is 0. */
export function normalise(high: number, low: number): number {
  const sum = high + low;
  tail[0] = low - (sum - high);
  return sum;
}

export function add(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const sum = addExactly(aHigh, bHigh);
  return normalise(sum, tail[0] + (aLow + bLow));
}

export function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const product = multiplyExactly(aHigh, bHigh);
  return normalise(product, tail[0] + (aHigh * bLow + aLow * bHigh));
}

export function divide(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const quotient = aHigh / bHigh;
  const product = multiplyExactly(quotient, bHigh);
  const remainder = aHigh - product - tail[0] + (aLow - quotient * bLow);
  return normalise(quotient, remainder / bHigh);
}

/** √(high + low), high ≥ 0. */
export function squareRoot(high: number, low: number): number {
  if (high === 0) {
    tail[0] = 0;
    return 0;
  }
  const root = Math.sqrt(high);
  const square = multiplyExactly(root, root);
  return normalise(root, (high - square - tail[0] + low) / (2 * root));
}

import { exponentOf, powerOfTwo } from './bits.ts';
import { ATAN_TABLE, HALF_PI, HALF_PI_PIECES, reduceLongAngle, TWO_OVER_PI } from './constants.ts';
import { add, addExactly, divide, multiplyExactly, normalise, tail } from './pairs.ts';

/** How many quarter turns the last `reduceAngle` took off, modulo 4. */
export const quadrant = new Int32Array(1);

/** x − quadrant · π/2 as a pair, at most π/4 in size (a hair more); x finite. */
export function reduceAngle(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.7853981633974483) {
    quadrant[0] = 0;
    tail[0] = 0;
    return x;
  }
  return size < 1_000_000 ? reduceByPieces(x) : reduceByIntegers(x);
}

/** Cody and Waite 1980: π/2 in pieces so short that their products with n are exact. */
function reduceByPieces(x: number): number {
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  quadrant[0] = n & 3;
  const first = x - n * HALF_PI_PIECES[0];
  const second = addExactly(first, -n * HALF_PI_PIECES[1]);
  const secondLow = tail[0];
  const third = addExactly(second, -n * HALF_PI_PIECES[2]);
  const low = secondLow + tail[0] - n * HALF_PI_PIECES[3];
  return addExactly(third, low);
}

function reduceByIntegers(x: number): number {
  const exponent = exponentOf(x) - 52;
  const reduced = reduceLongAngle(BigInt(Math.abs(x) * powerOfTwo(-exponent)), exponent);
  if (x < 0) {
    quadrant[0] = -reduced.quadrant & 3;
    tail[0] = -reduced.low;
    return -reduced.high;
  }
  quadrant[0] = reduced.quadrant;
  tail[0] = reduced.low;
  return reduced.high;
}

/** sin(high + low) as a pair, |high| ≤ π/4 and a hair; Taylor's series. */
export function sinPair(high: number, low: number): number {
  const z = high * high;
  const series =
    z *
    high *
    (-1 / 6 +
      z *
        (1 / 120 +
          z *
            (-1 / 5040 +
              z *
                (1 / 362880 +
                  z *
                    (-1 / 39916800 +
                      z * (1 / 6227020800 + z * (-1 / 1307674368000 + z / 355687428096000)))))));
  return normalise(high, series + low * (1 - 0.5 * z));
}

/** cos(high + low) as a pair, |high| ≤ π/4 and a hair; Taylor's series, 1 − z/2 kept exactly. */
export function cosPair(high: number, low: number): number {
  const z = high * high;
  const series =
    z *
    z *
    (1 / 24 +
      z *
        (-1 / 720 +
          z *
            (1 / 40320 +
              z *
                (-1 / 3628800 +
                  z *
                    (1 / 479001600 +
                      z * (-1 / 87178291200 + z * (1 / 20922789888000 - z / 6402373705728000)))))));
  const square = multiplyExactly(high, high);
  const squareLow = tail[0];
  const head = 1 - 0.5 * square;
  return normalise(head, 1 - head - 0.5 * square + (series - 0.5 * squareLow - high * low));
}

/**
 * The angle of the point (x, y) in the first quadrant, 0 … π/2, as a pair. Both coordinates are pairs,
 * not both 0, and neither so small or large that products of their words leave the normal range.
 */
export function anglePair(yHigh: number, yLow: number, xHigh: number, xLow: number): number {
  if (yHigh <= xHigh) return flatAngle(yHigh, yLow, xHigh, xLow);
  const complement = flatAngle(xHigh, xLow, yHigh, yLow);
  return add(HALF_PI.high, HALF_PI.low, -complement, -tail[0]);
}

/** atan(y/x), 0 ≤ y ≤ x: atan c from a table, c = j/32, and the series of (y − cx)/(x + cy), below 1/64. */
function flatAngle(yHigh: number, yLow: number, xHigh: number, xLow: number): number {
  const index = Math.floor((yHigh / xHigh) * 32 + 0.5);
  const c = index / 32;
  const cx = multiplyExactly(c, xHigh);
  const cxLow = tail[0] + c * xLow;
  const over = add(yHigh, yLow, -cx, -cxLow);
  const overLow = tail[0];
  const cy = multiplyExactly(c, yHigh);
  const cyLow = tail[0] + c * yLow;
  const under = add(xHigh, xLow, cy, cyLow);
  const ratio = divide(over, overLow, under, tail[0]);
  const ratioLow = tail[0];
  const z = ratio * ratio;
  const series = ratio * z * (-1 / 3 + z * (1 / 5 + z * (-1 / 7 + z * (1 / 9 - z / 11))));
  return add(ATAN_TABLE.high[index], ATAN_TABLE.low[index], ratio, ratioLow + series);
}

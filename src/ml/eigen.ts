import { createRandom, type Random } from '../core/random.ts';

/** A symmetric matrix, size × size, all elements stored. */
export interface SymmetricMatrix {
  readonly data: Float64Array;
  readonly size: number;
}

export interface Eigenpairs {
  /** Descending. */
  readonly values: readonly number[];
  /** Orthonormal; vector k is `vectors[k · size … (k + 1) · size)`. */
  readonly vectors: Float64Array;
}

/** A vector is done when ‖Av − λv‖ is below this share of the largest eigenvalue. */
const RESIDUAL_SHARE = 1e-10;
/** A remainder below this share of the largest seen is rounding: the Krylov space is exhausted. */
const EXHAUSTED_SHARE = 1e-13;

/**
 * The `count` largest eigenpairs of a positive semidefinite matrix by Lanczos' method with full
 * reorthogonalisation (Golub and Van Loan, chapter 10), from a fixed start: the same bits each time.
 */
export function decomposeLargest(matrix: SymmetricMatrix, count: number): Eigenpairs {
  const { size } = matrix;
  const random = createRandom('lanczos');
  const basis: Float64Array[] = [drawOrthogonal(random, [], size)];
  const diagonal: number[] = [];
  const coupling: number[] = [];
  let largest = 0;
  let nextCheck = 2 * count + 20;
  for (;;) {
    const current = basis[basis.length - 1];
    const image = multiply(matrix, current);
    diagonal.push(dot(image, current));
    removeFrom(image, basis);
    const rest = Math.sqrt(dot(image, image));
    largest = Math.max(largest, Math.abs(diagonal[diagonal.length - 1]), rest);
    if (basis.length >= Math.min(nextCheck, size)) {
      const small = decomposeTridiagonal(diagonal, coupling);
      const residual = Math.max(
        ...small.vectors.slice(0, count).map((vector) => rest * Math.abs(vector[vector.length - 1])),
      );
      if (basis.length === size || residual <= RESIDUAL_SHARE * small.values[0])
        return combine(small, basis, count);
      nextCheck = Math.ceil(1.3 * basis.length);
    }
    if (rest <= EXHAUSTED_SHARE * largest) {
      // What is left is orthogonal to all seen: an equal eigenvalue's other vector, or the null space.
      coupling.push(0);
      basis.push(drawOrthogonal(random, basis, size));
    } else {
      coupling.push(rest);
      basis.push(image.map((value) => value / rest));
    }
  }
}

/** A unit vector with no part in the span of the basis. */
function drawOrthogonal(random: Random, basis: readonly Float64Array[], size: number): Float64Array {
  const vector = Float64Array.from({ length: size }, () => random.normal());
  removeFrom(vector, basis);
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / length);
}

/** Gram–Schmidt, twice, because once leaves rounding behind. */
function removeFrom(vector: Float64Array, basis: readonly Float64Array[]): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const other of basis) {
      const share = dot(vector, other);
      for (let at = 0; at < vector.length; at++) vector[at] -= share * other[at];
    }
  }
}

function multiply({ data, size }: SymmetricMatrix, vector: Float64Array): Float64Array {
  const image = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    let sum = 0;
    for (let at = 0, from = row * size; at < size; at++) sum += data[from + at] * vector[at];
    image[row] = sum;
  }
  return image;
}

interface SmallEigenpairs {
  readonly values: readonly number[];
  readonly vectors: readonly Float64Array[];
}

/** All eigenpairs of a tridiagonal matrix, largest first: QR steps with Wilkinson's shift (Golub and Van Loan, 8.3). */
export function decomposeTridiagonal(
  diagonal: readonly number[],
  coupling: readonly number[],
): SmallEigenpairs {
  const size = diagonal.length;
  const d = Float64Array.from(diagonal);
  const e = Float64Array.from(coupling);
  const vectors = Array.from({ length: size }, (_, at) => {
    const unit = new Float64Array(size);
    unit[at] = 1;
    return unit;
  });
  const isCut = (at: number) => Math.abs(e[at]) <= Number.EPSILON * (Math.abs(d[at]) + Math.abs(d[at + 1]));
  for (let last = size - 1; last > 0; ) {
    if (isCut(last - 1)) {
      last -= 1;
      continue;
    }
    let first = last - 1;
    while (first > 0 && !isCut(first - 1)) first -= 1;
    chaseBulge({ d, e, vectors, first, last });
  }
  const order = Array.from(d.keys()).sort((one, other) => d[other] - d[one] || one - other);
  return { values: order.map((at) => d[at]), vectors: order.map((at) => vectors[at]) };
}

interface Block {
  readonly d: Float64Array;
  readonly e: Float64Array;
  readonly vectors: readonly Float64Array[];
  readonly first: number;
  readonly last: number;
}

/** One implicit QR step on the unreduced block first … last. */
function chaseBulge({ d, e, vectors, first, last }: Block): void {
  const half = (d[last - 1] - d[last]) / 2;
  const off = e[last - 1];
  const root = Math.sqrt(half * half + off * off);
  const shift = d[last] - (off * off) / (half + (half < 0 ? -root : root));
  let x = d[first] - shift;
  let z = e[first];
  for (let k = first; k < last; k++) {
    const length = Math.sqrt(x * x + z * z);
    const c = length === 0 ? 1 : x / length;
    const s = length === 0 ? 0 : z / length;
    if (k > first) e[k - 1] = length;
    const a = d[k];
    const b = e[k];
    const g = d[k + 1];
    d[k] = c * c * a + 2 * c * s * b + s * s * g;
    d[k + 1] = s * s * a - 2 * c * s * b + c * c * g;
    e[k] = c * s * (g - a) + (c * c - s * s) * b;
    if (k < last - 1) {
      x = e[k];
      z = s * e[k + 1];
      e[k + 1] *= c;
    }
    rotate(vectors[k], vectors[k + 1], c, s);
  }
}

function rotate(one: Float64Array, other: Float64Array, c: number, s: number): void {
  for (let at = 0; at < one.length; at++) {
    const value = one[at];
    one[at] = c * value + s * other[at];
    other[at] = c * other[at] - s * value;
  }
}

/** Eigenvectors of the large matrix from those of the small one. */
function combine(
  { values, vectors }: SmallEigenpairs,
  basis: readonly Float64Array[],
  count: number,
): Eigenpairs {
  const size = basis[0].length;
  const combined = new Float64Array(Math.min(count, size) * size);
  for (let rank = 0; rank < Math.min(count, size); rank++) {
    basis.forEach((vector, k) => {
      const weight = vectors[rank][k];
      for (let at = 0; at < size; at++) combined[rank * size + at] += weight * vector[at];
    });
  }
  return { values: values.slice(0, count), vectors: combined };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}

import type { Matrix } from './matrix.ts';

export interface Assignment {
  /** Nearest centre of each point; the first of equally near ones. */
  readonly assignments: Uint32Array;
  readonly squaredDistances: Float64Array;
  /** Sum of the squared distances, in the order of the points. */
  readonly inertia: number;
}

/** The nearest centre of every point, in float64. Both have the same number of columns. */
export function assignToCentres(points: Matrix, centres: Matrix): Assignment {
  const { data, rows, columns } = points;
  const assignments = new Uint32Array(rows);
  const squaredDistances = new Float64Array(rows);
  let inertia = 0;
  for (let row = 0; row < rows; row++) {
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let centre = 0; centre < centres.rows; centre++) {
      let distance = 0;
      for (let column = 0; column < columns; column++) {
        const difference = data[row * columns + column] - centres.data[centre * columns + column];
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        nearest = centre;
      }
    }
    assignments[row] = nearest;
    squaredDistances[row] = least;
    inertia += least;
  }
  return { assignments, squaredDistances, inertia };
}

/** Σ_c (a_rc − b_sc)² between a row of one table and a row of another. */
export function squaredDistance(a: Matrix, rowOfA: number, b: Matrix, rowOfB: number): number {
  let distance = 0;
  for (let column = 0; column < a.columns; column++) {
    const difference = a.data[rowOfA * a.columns + column] - b.data[rowOfB * b.columns + column];
    distance += difference * difference;
  }
  return distance;
}

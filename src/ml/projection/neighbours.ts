import type { Matrix } from '../matrix.ts';

/** The nearest reference rows of each query, nearest first: `indices[query * count + rank]`. */
export interface Neighbours {
  readonly indices: Int32Array;
  /** Euclidean distances. */
  readonly distances: Float64Array;
  readonly count: number;
}

export interface NeighbourSearch {
  readonly queries: Matrix;
  readonly reference: Matrix;
  /** Neighbours wanted a query; at most the reference's rows (less one where a row is no neighbour of its own). */
  readonly count: number;
  /** Queries are the reference's own rows, and no row counts as its own neighbour. */
  readonly excludeSelf: boolean;
  /** Awaited after each query; see `createPause`. */
  readonly pause: () => Promise<void>;
}

/** By comparing all pairs: exact, and the same on every machine. Of equally near rows the first wins. */
export async function findNeighbours(search: NeighbourSearch): Promise<Neighbours> {
  const { queries, reference, count, excludeSelf, pause } = search;
  const available = reference.rows - (excludeSelf ? 1 : 0);
  if (count < 1 || count > available) throw new RangeError(`${count} neighbours of ${available} rows`);
  const indices = new Int32Array(queries.rows * count);
  const distances = new Float64Array(queries.rows * count).fill(Number.POSITIVE_INFINITY);
  for (let query = 0; query < queries.rows; query++) {
    const first = query * count;
    const last = first + count - 1;
    for (let row = 0; row < reference.rows; row++) {
      if (excludeSelf && row === query) continue;
      const squared = squaredDistance(queries, query, reference, row);
      if (squared >= distances[last]) continue;
      let rank = last;
      for (; rank > first && distances[rank - 1] > squared; rank--) {
        distances[rank] = distances[rank - 1];
        indices[rank] = indices[rank - 1];
      }
      distances[rank] = squared;
      indices[rank] = row;
    }
    for (let rank = first; rank <= last; rank++) distances[rank] = Math.sqrt(distances[rank]);
    await pause();
  }
  return { indices, distances, count };
}

export function squaredDistance(a: Matrix, rowA: number, b: Matrix, rowB: number): number {
  const { data: dataA, columns } = a;
  const dataB = b.data;
  let atA = rowA * columns;
  let atB = rowB * columns;
  let sum = 0;
  for (const end = atA + columns; atA < end; atA++, atB++) {
    const difference = dataA[atA] - dataB[atB];
    sum += difference * difference;
  }
  return sum;
}

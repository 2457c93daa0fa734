import { UMAP } from 'umap-js';
import { findABParams } from 'umap-js/dist/umap.js';
import type { Random } from '../../core/random.ts';
import type { Matrix } from '../matrix.ts';
import { placePoints } from './initial-layout.ts';
import { findNeighbours, type Neighbours } from './neighbours.ts';
import { createPause } from './pause.ts';
import { createUmapTransform } from './umap-transform.ts';

export interface UmapOptions {
  readonly random: Random;
  /** Neighbours that make a point's surroundings, itself included; 15, lowered to the points there are. */
  readonly neighbours?: number;
  /** How near points may come in the picture, 0.1. */
  readonly minDistance?: number;
  /** Scale of the picture, 1. */
  readonly spread?: number;
  /** Rounds over the graph; 500 for up to 2,500 points, fewer for more. */
  readonly epochs?: number;
  readonly init?: 'pca' | 'random';
  readonly onProgress?: (progress: { readonly epoch: number; readonly epochs: number }) => void;
  readonly signal?: AbortSignal;
}

export interface UmapModel {
  /** Where the fitted points lie, n × 2. */
  readonly coordinates: Matrix;
  /** Places further points (test items, centres) among the fitted ones, which stay; one point's place depends on no other. */
  readonly transform: (points: Matrix) => Promise<Matrix>;
  /** Neighbours used. */
  readonly neighbours: number;
  readonly notes: readonly string[];
}

/** Below this many points umap-js finds no layout; their principal components are all there is to show. */
const FEWEST_POINTS = 4;
const INITIAL_SPREAD = 5;

/**
 * UMAP in two dimensions (McInnes, Healy and Melville 2018), fitted by umap-js on exact neighbours, from a principal
 * component layout. umap-js calls Math.pow and Math.exp: bits are pinned where `pinMath` was called first.
 * Its own `transform` is not used: it takes a query's number for a training row's and gives that neighbour no weight,
 * moves the fitted points when there are as many queries, and finds too few of the true neighbours.
 * @throws the signal's reason when it is aborted.
 */
export async function fitUmap(data: Matrix, options: UmapOptions): Promise<UmapModel> {
  const { random, minDistance = 0.1, spread = 1, init = 'pca', signal } = options;
  const wanted = options.neighbours ?? 15;
  const neighbours = Math.max(1, Math.min(wanted, data.rows - 1));
  const notes: string[] = [];
  if (neighbours < wanted)
    notes.push(`neighbours lowered from ${wanted} to ${neighbours}: there are ${data.rows} points`);
  const positions = placePoints(data, { init, random: random.fork('layout'), spread: INITIAL_SPREAD });
  if (data.rows < FEWEST_POINTS) notes.push(`${data.rows} points: shown by their principal components`);
  else await optimise({ data, positions, neighbours, minDistance, options });
  const coordinates: Matrix = { data: positions, rows: data.rows, columns: 2 };
  const curve = findABParams(spread, minDistance);
  const transform = createUmapTransform({ data, coordinates, neighbours, curve, random, signal });
  return { coordinates, transform, neighbours, notes };
}

interface Layout {
  readonly data: Matrix;
  /** Pairs; moved in place. */
  readonly positions: Float64Array;
  readonly neighbours: number;
  readonly minDistance: number;
  readonly options: UmapOptions;
}

async function optimise({ data, positions, neighbours, minDistance, options }: Layout): Promise<void> {
  const pause = createPause(options.signal);
  const draw = options.random.fork('optimise');
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: neighbours,
    minDist: minDistance,
    spread: options.spread,
    nEpochs: options.epochs,
    random: () => draw.next(),
  });
  const near =
    neighbours > 1
      ? await findNeighbours({
          queries: data,
          reference: data,
          count: neighbours - 1,
          excludeSelf: true,
          pause,
        })
      : null;
  const { indices, distances } = includeSelf(data.rows, near);
  umap.setPrecomputedKNN(indices, distances);
  const rows = Array.from({ length: data.rows }, (_, row) =>
    Array.from(data.data.subarray(row * data.columns, (row + 1) * data.columns)),
  );
  const epochs = umap.initializeFit(rows);
  const embedding = umap.getEmbedding();
  embedding.forEach((point, row) => {
    point[0] = positions[2 * row];
    point[1] = positions[2 * row + 1];
  });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    umap.step();
    options.onProgress?.({ epoch, epochs });
    await pause();
  }
  embedding.forEach((point, row) => {
    positions[2 * row] = point[0];
    positions[2 * row + 1] = point[1];
  });
}

/** Neighbours as umap-js wants them: each row's first neighbour is the row itself. */
function includeSelf(rows: number, near: Neighbours | null): { indices: number[][]; distances: number[][] } {
  const count = near?.count ?? 0;
  const slice = (values: ArrayLike<number> | undefined, row: number) =>
    values === undefined ? [] : Array.from({ length: count }, (_, rank) => values[row * count + rank]);
  return {
    indices: Array.from({ length: rows }, (_, row) => [row, ...slice(near?.indices, row)]),
    distances: Array.from({ length: rows }, (_, row) => [0, ...slice(near?.distances, row)]),
  };
}

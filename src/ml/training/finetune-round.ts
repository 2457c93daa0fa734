import type { FurtherParameter, GradientRequest } from '../../core/trainable.ts';
import type { ClusteringLoss } from '../clustering/method.ts';
import type { Matrix } from '../matrix.ts';
import type { FinetuneRequest, FinetuneState } from './finetune-request.ts';
import { breathe } from './image-rows.ts';

/** Mean losses over the images of a round; null where they were not measured. */
export interface RoundLosses {
  readonly reconstruction: number | null;
  readonly clustering: number | null;
}

/** Trains until the next update is due. Changes `state`: iteration, order, centres. */
export async function trainRound(request: FinetuneRequest, state: FinetuneState): Promise<RoundLosses> {
  const { trainable, method, train, settings, random, signal } = request;
  const batchesPerEpoch = Math.ceil(train.rows.length / settings.batchSize);
  const end = Math.min(state.iteration + settings.updateInterval, settings.maxIterations);
  let clusteringSum = 0;
  let images = 0;
  for (; state.iteration < end; state.iteration++) {
    const turn = state.iteration % batchesPerEpoch;
    if (turn === 0 && settings.shuffle) state.order = random.permutation(train.rows.length);
    const positions = positionsOf(turn, request, state.order);
    const loss = await step(request, state, positions);
    clusteringSum += loss.value * positions.length;
    images += positions.length;
    await breathe(signal);
  }
  return {
    reconstruction: method.reconstructionWeight > 0 ? await trainable.readReconstructionError() : null,
    clustering: clusteringSum / images,
  };
}

/** The train images of one batch, as positions in the split; a new array. */
function positionsOf(
  turn: number,
  { train, settings }: FinetuneRequest,
  order: Uint32Array | null,
): Uint32Array {
  const start = turn * settings.batchSize;
  const count = Math.min(settings.batchSize, train.rows.length - start);
  return Uint32Array.from({ length: count }, (_, i) => (order ? order[start + i] : start + i));
}

/** One batch: network and centres take a step of their shared Adam. */
async function step(
  { trainable, method, train }: FinetuneRequest,
  { centres, targets, gamma }: FinetuneState,
  positions: Uint32Array,
): Promise<ClusteringLoss> {
  let loss: ClusteringLoss | undefined;
  const request: GradientRequest = {
    batch: { images: train.images, rows: positions.map((position) => train.rows[position]) },
    reconstructionWeight: method.reconstructionWeight,
    embeddingGradient: (embedding) => {
      const z = { data: embedding, rows: positions.length, columns: centres.columns };
      loss = method.loss(z, centres, gather(targets, positions));
      return weighted(loss.embeddingGradient, gamma);
    },
  };
  await trainable.gradients(request);
  if (!loss) throw new Error('the engine did not ask for the gradient at the embedding');
  await trainable.update(centreUpdate(centres, loss, gamma));
  return loss;
}

function centreUpdate(centres: Matrix, loss: ClusteringLoss, gamma: number): FurtherParameter[] {
  if (!loss.centreGradient) return [];
  const gradient = weighted(loss.centreGradient, gamma);
  return [{ name: 'centres', values: centres.data as Float32Array, gradient }];
}

function gather({ data, columns }: Matrix, rows: Uint32Array): Matrix {
  const gathered = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    gathered.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { data: gathered, rows: rows.length, columns };
}

function weighted(gradient: Float64Array, weight: number): Float32Array {
  return Float32Array.from(gradient, (value) => weight * value);
}

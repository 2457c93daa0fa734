import type { Progress } from '../../core/artifact.ts';
import { fail } from '../../core/failure.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Weights } from '../../core/network.ts';
import type { Random } from '../../core/random.ts';
import type { Trainable } from '../../core/trainable.ts';
import { batchesOf, breathe, type ImageRows, measureReconstruction } from './image-rows.ts';
import {
  type LoopCheckpoint,
  type LoopState,
  packRandom,
  packTrainable,
  packWeights,
  unpackRandom,
  unpackTrainable,
  unpackWeights,
} from './loop-state.ts';

export interface PretrainSettings {
  readonly batchSize: number;
  readonly maxEpochs: number;
  /** Epochs without an improvement after which it stops. */
  readonly patience: number;
  /** The steering loss must fall by more than this to count as improved. */
  readonly minDelta: number;
}
/** METHODS, "Training": the study's protocol. */
export const PRETRAIN: PretrainSettings = { batchSize: 12, maxEpochs: 1000, patience: 25, minDelta: 1e-7 };

export interface PretrainRequest {
  /** Left with the best weights. */
  readonly trainable: Trainable;
  readonly train: ImageRows;
  /** May be empty; then the train loss steers. */
  readonly val: ImageRows;
  /** Shuffles the batches. */
  readonly random: Random;
  readonly settings: PretrainSettings;
  readonly onEpoch?: (row: EpochRow) => void;
  readonly progress?: (progress: Progress) => void;
  readonly checkpoint?: LoopCheckpoint;
  readonly signal?: AbortSignal;
}

export interface EpochRow {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's images, each at the weights of its batch. */
  readonly trainLoss: number;
  /** Over the whole validation split, at the end of the epoch; null where it is empty. */
  readonly valLoss: number | null;
}

export interface PretrainResult {
  readonly weights: Weights;
  readonly history: readonly EpochRow[];
  readonly bestEpoch: number;
  /** The steering loss of that epoch. */
  readonly bestLoss: number;
  readonly steeredBy: 'val' | 'train';
  readonly stoppedBy: 'patience' | 'max-epochs';
}

/** Everything that an epoch starts from, besides the trainable and the generator. */
interface Standing {
  readonly history: readonly EpochRow[];
  readonly best: { readonly epoch: number; readonly loss: number; readonly weights: Weights } | null;
}

/**
 * Trains an autoencoder on its reconstruction error until the steering loss (validation, or train
 * where there is none) has not improved for `patience` epochs; batches are shuffled anew every epoch.
 * Checkpoints fall between epochs.
 * @throws ExpectedFailure non-finite-loss, naming the epoch; the signal's reason when aborted.
 */
export async function pretrain(request: PretrainRequest): Promise<PretrainResult> {
  const { trainable, train, val, settings, checkpoint, signal } = request;
  checkSettings(settings, train);
  let standing = checkpoint?.resume ? await restore(request, checkpoint.resume) : { history: [], best: null };
  while (!stopReason(standing, settings)) {
    const trainLoss = await trainEpoch(request);
    const valLoss = val.rows.length > 0 ? await measureReconstruction(trainable, val, signal) : null;
    const row: EpochRow = { epoch: standing.history.length + 1, trainLoss, valLoss };
    checkFinite(row);
    standing = await judge(standing, row, request);
    request.onEpoch?.(row);
    request.progress?.({
      done: row.epoch,
      total: settings.maxEpochs,
      unit: 'epoch',
      values: valLoss === null ? { loss: trainLoss } : { loss: trainLoss, valLoss },
    });
    if (checkpoint?.due()) await checkpoint.save(await pack(request, standing));
    signal?.throwIfAborted();
  }
  const { weights, epoch: bestEpoch, loss: bestLoss } = standing.best!;
  await trainable.setWeights(weights);
  return {
    weights,
    history: standing.history,
    bestEpoch,
    bestLoss,
    steeredBy: val.rows.length > 0 ? 'val' : 'train',
    stoppedBy: stopReason(standing, settings)!,
  };
}

/** @returns the mean reconstruction error of the epoch's images. */
async function trainEpoch({ trainable, train, random, settings, signal }: PretrainRequest): Promise<number> {
  const order = random.permutation(train.rows.length).map((position) => train.rows[position]);
  for (const batch of batchesOf({ images: train.images, rows: order }, settings.batchSize)) {
    await trainable.gradients({ batch, reconstructionWeight: 1 });
    await trainable.update();
    await breathe(signal);
  }
  return trainable.readReconstructionError();
}

async function judge(
  standing: Standing,
  row: EpochRow,
  { trainable, settings }: PretrainRequest,
): Promise<Standing> {
  const history = [...standing.history, row];
  const loss = row.valLoss ?? row.trainLoss;
  if (standing.best && !(loss < standing.best.loss - settings.minDelta))
    return { history, best: standing.best };
  return { history, best: { epoch: row.epoch, loss, weights: copyOf(await trainable.weights()) } };
}

function stopReason(
  { history, best }: Standing,
  settings: PretrainSettings,
): PretrainResult['stoppedBy'] | null {
  if (best && history.length - best.epoch >= settings.patience) return 'patience';
  return history.length >= settings.maxEpochs ? 'max-epochs' : null;
}

function checkSettings({ batchSize, maxEpochs, patience }: PretrainSettings, train: ImageRows): void {
  for (const [name, value] of Object.entries({ batchSize, maxEpochs, patience })) {
    if (!Number.isInteger(value) || value < 1)
      fail('bad-parameter', `${name}: expected a positive integer, and got ${value}`);
  }
  if (train.rows.length === 0) fail('bad-input', 'there is no image to train on: the train split is empty');
}

function checkFinite({ epoch, trainLoss, valLoss }: EpochRow): void {
  for (const [name, loss] of [
    ['training', trainLoss],
    ['validation', valLoss],
  ] as const) {
    if (loss !== null && !Number.isFinite(loss)) {
      fail(
        'non-finite-loss',
        `the ${name} loss is ${loss} in epoch ${epoch}: a smaller learning rate may help`,
      );
    }
  }
}

function copyOf(weights: Weights): Weights {
  return new Map([...weights].map(([name, values]) => [name, values.slice()]));
}

async function pack({ trainable, random }: PretrainRequest, { history, best }: Standing): Promise<LoopState> {
  const { numbers, arrays } = await packTrainable(trainable);
  return {
    numbers: {
      ...numbers,
      random: packRandom(random.state()),
      history: history.map((row) => ({ ...row })),
      bestEpoch: best!.epoch,
      bestLoss: best!.loss,
    },
    arrays: new Map([...arrays, ...packWeights('best/', best!.weights)]),
  };
}

async function restore({ trainable, random }: PretrainRequest, state: LoopState): Promise<Standing> {
  const { numbers, arrays } = state;
  await unpackTrainable(trainable, state);
  random.restore(unpackRandom(numbers.random as JsonObject));
  return {
    history: numbers.history as unknown as EpochRow[],
    best: {
      epoch: numbers.bestEpoch as number,
      loss: numbers.bestLoss as number,
      weights: unpackWeights('best/', arrays),
    },
  };
}

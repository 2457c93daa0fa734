import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../../src/core/artifact.ts';
import type { Weights } from '../../../../src/core/network.ts';
import { createRandom } from '../../../../src/core/random.ts';
import type { Batch, Trainable } from '../../../../src/core/trainable.ts';
import { measureReconstruction } from '../../../../src/ml/training/image-rows.ts';
import type { LoopState } from '../../../../src/ml/training/loop-state.ts';
import {
  type EpochRow,
  PRETRAIN,
  type PretrainRequest,
  pretrain,
} from '../../../../src/ml/training/pretrain.ts';
import {
  keepStates,
  noImages,
  partOf,
  tinyImages,
  tinyTrainable,
} from '../../../support/training-fixtures.ts';

const all = tinyImages(16);
const train = partOf(all, 0, 12);
const val = partOf(all, 12, 16);
const settings = { ...PRETRAIN, batchSize: 5, maxEpochs: 6 };

const run = (change: Partial<PretrainRequest> = {}) =>
  pretrain({ trainable: tinyTrainable(), train, val, random: createRandom('order'), settings, ...change });

/** A trainable that learns nothing and whose validation errors follow a script, one entry an epoch. */
function scripted(losses: readonly number[]): Trainable & { readonly batches: Batch[] } {
  const batches: Batch[] = [];
  let epoch = 0;
  const weightsNow = (): Weights => new Map([['epoch', Float32Array.of(epoch)]]);
  let left = weightsNow();
  return Object.assign(tinyTrainable(), {
    batches,
    gradients: async ({ batch }: { batch: Batch }) => {
      batches.push(batch);
    },
    update: async () => {},
    readReconstructionError: async () => losses[epoch++],
    reconstructionErrors: async ({ rows }: Batch) => new Float64Array(rows!.length).fill(losses[epoch - 1]),
    weights: async () => weightsNow(),
    setWeights: async (weights: Weights) => {
      left = weights;
    },
    restore: async () => {},
    state: async () => ({ step: 0, weights: left, firstMoments: new Map(), secondMoments: new Map() }),
  });
}

describe('pretrain', () => {
  it('lowers the reconstruction error, and leaves the trainable with the best weights', async () => {
    const trainable = tinyTrainable();
    const before = await measureReconstruction(trainable, val);
    const { history, bestEpoch, bestLoss, weights, steeredBy, stoppedBy } = await run({
      trainable,
      settings: { ...settings, maxEpochs: 40 },
    });
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(bestLoss).toBeLessThan(before / 2);
    expect(bestLoss).toBe(Math.min(...history.map(({ valLoss }) => valLoss!)));
    expect(history[bestEpoch - 1].valLoss).toBe(bestLoss);
    expect(await trainable.weights()).toEqual(weights);
    expect(await measureReconstruction(trainable, val)).toBe(bestLoss);
    expect({ steeredBy, stoppedBy }).toEqual({
      steeredBy: 'val',
      stoppedBy: 'max-epochs',
    });
  });

  it('sees every train image once an epoch, in a new order each time, in batches of nearly equal size', async () => {
    const trainable = scripted([3, 2, 1]);
    await run({ trainable, settings: { ...settings, maxEpochs: 3 } });
    expect(trainable.batches.map(({ rows }) => rows!.length)).toEqual([4, 4, 4, 4, 4, 4, 4, 4, 4]);
    const orders = [0, 3, 6].map((start) =>
      trainable.batches.slice(start, start + 3).flatMap(({ rows }) => Array.from(rows!)),
    );
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual(Array.from(train.rows));
    expect(new Set(orders.map(String)).size).toBe(3);
  });

  it('takes a batch no larger than the train set', async () => {
    const trainable = scripted([1]);
    await run({ trainable, settings: { ...settings, batchSize: 100, maxEpochs: 1 } });
    expect(trainable.batches.map(({ rows }) => rows!.length)).toEqual([12]);
  });

  it('stops after `patience` epochs without an improvement by more than minDelta', async () => {
    const losses = [1, 0.5, 0.5 - 0.5e-7, 0.6, 0.5 - 0.9e-7, 0.1];
    const trainable = scripted(losses);
    const result = await run({ trainable, settings: { ...settings, patience: 3 } });
    expect(result).toMatchObject({ stoppedBy: 'patience', bestEpoch: 2, bestLoss: 0.5 });
    expect(result.history).toHaveLength(5);
    expect(result.weights.get('epoch')).toEqual(Float32Array.of(2));
    expect((await trainable.state()).weights).toEqual(result.weights); // no longer the fifth epoch's
  });

  it('is steered by the train loss where there is no validation, and says so', async () => {
    const result = await run({
      trainable: scripted([3, 1, 2]),
      val: noImages,
      settings: { ...settings, maxEpochs: 3 },
    });
    expect(result).toMatchObject({ steeredBy: 'train', bestEpoch: 2, bestLoss: 1 });
    expect(result.history[0]).toEqual({ epoch: 1, trainLoss: 3, valLoss: null });
  });

  it('tells every epoch', async () => {
    const rows: EpochRow[] = [];
    const told: Progress[] = [];
    const { history } = await run({ onEpoch: (row) => rows.push(row), progress: (line) => told.push(line) });
    expect(rows).toEqual(history);
    expect(told[1]).toEqual({
      done: 2,
      total: 6,
      unit: 'epoch',
      values: { loss: history[1].trainLoss, valLoss: history[1].valLoss },
    });
  });

  it('fails by name when the loss is no number, and names the epoch', async () => {
    await expect(run({ trainable: scripted([1, Number.NaN]) })).rejects.toMatchObject({
      failure: {
        reason: 'non-finite-loss',
        message: expect.stringMatching(/training loss is NaN in epoch 2/),
      },
    });
  });

  it('fails by name on an empty train split and on a batch of nothing', async () => {
    await expect(run({ train: noImages })).rejects.toMatchObject({ failure: { reason: 'bad-input' } });
    await expect(run({ settings: { ...settings, batchSize: 0 } })).rejects.toThrow(/batchSize: .* got 0/);
  });

  it('stops in the middle of an epoch with the signal’s reason', async () => {
    const controller = new AbortController();
    const trainable = tinyTrainable();
    const { update } = trainable;
    let updates = 0;
    trainable.update = async () => {
      if (++updates === 4) setImmediate(() => controller.abort());
      return update.call(trainable);
    };
    await expect(run({ trainable, signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(updates).toBeLessThan(6);
  });

  it('ends in the same bytes from whichever epoch it is resumed', async () => {
    const uninterrupted = keepStates();
    const expected = await run({ checkpoint: uninterrupted });
    expect(uninterrupted.kept).toHaveLength(6);
    for (const state of uninterrupted.kept) {
      const told: number[] = [];
      const resumed = await run({
        random: createRandom('another'),
        checkpoint: keepStates(state),
        onEpoch: ({ epoch }) => told.push(epoch),
      });
      expect(resumed).toEqual(expected);
      expect(told).toEqual([1, 2, 3, 4, 5, 6].slice((state.numbers.history as unknown[]).length));
    }
  });

  it('keeps the best weights of before an interruption', async () => {
    const states = keepStates();
    const losses = [1, 2, 3, 4];
    const four = { ...settings, maxEpochs: 4 };
    await run({ trainable: scripted(losses), settings: four, checkpoint: states });
    const second: LoopState = states.kept[1];
    const resumed = await run({
      trainable: scripted([3, 4]),
      settings: four,
      checkpoint: keepStates(second),
    });
    expect(resumed).toMatchObject({ bestEpoch: 1, bestLoss: 1 });
    expect(resumed.weights.get('epoch')).toEqual(Float32Array.of(1));
  });
});

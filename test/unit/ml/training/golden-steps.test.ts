import { describe, expect, it } from 'vitest';
import type { Weights } from '../../../../src/core/network.ts';
import { createRandom } from '../../../../src/core/random.ts';
import type { Trainable } from '../../../../src/core/trainable.ts';
import { dcec } from '../../../../src/ml/clustering/dcec.ts';
import { dec } from '../../../../src/ml/clustering/dec.ts';
import type { ClusteringMethod } from '../../../../src/ml/clustering/method.ts';
import { caeNetwork, encoderOf } from '../../../../src/ml/models/cae.ts';
import { finetune } from '../../../../src/ml/training/finetune.ts';
import { FINETUNE } from '../../../../src/ml/training/finetune-request.ts';
import golden from '../../../golden/ml-training/dcec-steps.json' with { type: 'json' };
import { createReferenceTrainable } from '../../../support/reference-trainable.ts';

/** The network, weights, images and steps that dcec-steps.py computed in PyTorch. */
const network = caeNetwork({
  inputSize: [9, 7],
  filters: [2, 3],
  kernels: [3, 3],
  strides: [2, 2],
  paddings: ['same', 'valid'],
  embeddingDim: 2,
});
const weights: Weights = new Map(
  Object.entries(golden.weights).map(([name, values]) => [name, Float32Array.from(values)]),
);
const images = Float32Array.from(golden.images);
const rows = (count: number, start = 0) => Uint32Array.from({ length: count }, (_, i) => start + i);

const expectClose = (actual: Weights, expected: { readonly [name: string]: number[] }, digits: number) => {
  for (const [name, values] of actual) {
    expect(values.length).toBe(expected[name].length);
    values.forEach((value, i) => {
      expect(value, `${name}[${i}]`).toBeCloseTo(expected[name][i], digits);
    });
  }
};

function finetuneAsRecorded(trainable: Trainable, method: ClusteringMethod) {
  return finetune({
    trainable,
    method,
    centres: { data: Float32Array.from(golden.mu), rows: golden.k, columns: golden.d },
    initialAssignments: new Uint32Array(10),
    train: { images, rows: rows(10) },
    otherSplits: new Map(),
    settings: { ...FINETUNE, updateInterval: 5, maxIterations: 20, batchSize: golden.batch, tolerance: 0 },
    random: createRandom('unused'),
  });
}

describe('the reference trainable', () => {
  it('has PyTorch’s gradients and takes its steps', async () => {
    const trainable = createReferenceTrainable(network, { weights });
    for (let step = 0; step < golden.pretrain.steps; step++) {
      const batch = { images, rows: rows(step % 3 === 2 ? 2 : 4, (step % 3) * 4) };
      await trainable.gradients({ batch, reconstructionWeight: 1 });
      if (step === 0) expectClose(await trainable.readGradients(), golden.pretrain.firstGradients, 7);
      await trainable.update();
      expect(await trainable.readReconstructionError()).toBeCloseTo(golden.pretrain.losses[step][0], 7);
    }
    expectClose(await trainable.weights(), golden.pretrain.final, 6);
  });
});

describe('finetune', () => {
  it('takes the steps of DCEC as PyTorch does, centres included', async () => {
    const trainable = createReferenceTrainable(network, { weights });
    const { centres, updates, assignments } = await finetuneAsRecorded(
      trainable,
      dcec({ gamma: golden.dcec.gamma }),
    );
    expectClose(await trainable.weights(), golden.dcec.final, 6);
    expectClose(new Map([['centres', centres.data as Float32Array]]), golden.dcec.final, 6);
    expect(Array.from(assignments.get('train')!.at(-1)!)).toEqual(golden.dcec.finalLabels);
    const round = golden.dcec.losses.slice(0, 5);
    const images = [4, 4, 2, 4, 4]; // batches of 4 out of 10, in the data's order
    const mean = (column: number) => round.reduce((sum, loss, i) => sum + loss[column] * images[i], 0) / 18;
    expect(updates[1].reconstructionLoss).toBeCloseTo(mean(0), 7);
    expect(updates[1].clusteringLoss).toBeCloseTo(mean(1), 9);
    expect(updates[1].loss).toBeCloseTo(mean(0) + golden.dcec.gamma * mean(1), 7);
  });

  it('takes the steps of DEC as PyTorch does, without a decoder', async () => {
    const alone = encoderOf(network);
    const own = new Map([...weights].filter(([name]) => name.startsWith('encoder')));
    const trainable = createReferenceTrainable(alone, { weights: own });
    const { centres, updates, assignments } = await finetuneAsRecorded(trainable, dec());
    expectClose(await trainable.weights(), golden.dec.final, 6);
    expectClose(new Map([['centres', centres.data as Float32Array]]), golden.dec.final, 6);
    expect(Array.from(assignments.get('train')!.at(-1)!)).toEqual(golden.dec.finalLabels);
    expect(updates.every(({ reconstructionLoss }) => reconstructionLoss === null)).toBe(true);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import type { Progress } from '../../../../src/core/artifact.ts';
import type { Weights } from '../../../../src/core/network.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { ADAM, type Batch, type Trainable } from '../../../../src/core/trainable.ts';
import { dcec } from '../../../../src/ml/clustering/dcec.ts';
import { dec } from '../../../../src/ml/clustering/dec.ts';
import type { ClusteringMethod } from '../../../../src/ml/clustering/method.ts';
import { hardAssignments, softAssignment } from '../../../../src/ml/clustering/soft-assignment.ts';
import { type KMeansResult, kmeans } from '../../../../src/ml/kmeans.ts';
import { encoderOf } from '../../../../src/ml/models/cae.ts';
import { finetune } from '../../../../src/ml/training/finetune.ts';
import {
  FINETUNE,
  type FinetuneRequest,
  type UpdateRow,
} from '../../../../src/ml/training/finetune-request.ts';
import { embedAll, measureReconstruction } from '../../../../src/ml/training/image-rows.ts';
import { PRETRAIN, pretrain } from '../../../../src/ml/training/pretrain.ts';
import { createReferenceTrainable } from '../../../support/reference-trainable.ts';
import {
  keepStates,
  noImages,
  partOf,
  tinyImages,
  tinyNetwork,
  tinyTrainable,
} from '../../../support/training-fixtures.ts';

const all = tinyImages(22);
const val = partOf(all, 0, 4);
const test = partOf(all, 4, 8);
const train = partOf(all, 8, 22); // not in front: a row of the images is no position in the split
const settings = { ...FINETUNE, updateInterval: 3, maxIterations: 12, batchSize: 4, tolerance: 0 };

let pretrained: Weights;
let start: KMeansResult;
beforeAll(async () => {
  const trainable = tinyTrainable();
  const brief = { ...PRETRAIN, batchSize: 4, maxEpochs: 15 };
  pretrained = (await pretrain({ trainable, train, val, random: createRandom('order'), settings: brief }))
    .weights;
  start = kmeans(await embedAll(trainable, train), { k: 3 }, createRandom('centres'));
});

const cae = () => createReferenceTrainable(tinyNetwork, { weights: pretrained });
const encoder = () =>
  createReferenceTrainable(encoderOf(tinyNetwork), {
    weights: new Map([...pretrained].filter(([name]) => name.startsWith('encoder'))),
  });
const run = (change: Partial<FinetuneRequest> = {}) =>
  finetune({
    trainable: cae(),
    method: dcec({ gamma: 0.1 }),
    centres: start.centres,
    initialAssignments: start.assignments,
    train,
    otherSplits: new Map([
      ['val', val],
      ['test', test],
    ]),
    settings,
    random: createRandom('shuffle'),
    ...change,
  });
/** What the trainable was given to train on, as rows of the image array. */
function recordBatches(trainable: Trainable): number[][] {
  const batches: number[][] = [];
  const { gradients } = trainable;
  trainable.gradients = async (request) => {
    batches.push(Array.from(request.batch.rows!));
    return gradients.call(trainable, request);
  };
  return batches;
}

describe('finetune', () => {
  it('updates before the first step, every T iterations, and at the end', async () => {
    const { updates, iterations, stoppedBy } = await run({ settings: { ...settings, maxIterations: 8 } });
    expect(updates.map(({ iteration }) => iteration)).toEqual([0, 3, 6, 8]);
    expect(updates.map(({ epoch }) => epoch)).toEqual([0, 0, 1, 2]); // ⌈14 / 4⌉ = 4 batches an epoch
    expect({ iterations, stoppedBy }).toEqual({ iterations: 8, stoppedBy: 'max-iterations' });
  });

  it('goes through the train set in its own order, with no empty batch', async () => {
    const trainable = cae();
    const batches = recordBatches(trainable);
    await run({ trainable, settings: { ...settings, maxIterations: 5 } });
    expect(batches).toEqual([
      [8, 9, 10, 11],
      [12, 13, 14, 15],
      [16, 17, 18, 19],
      [20, 21],
      [8, 9, 10, 11],
    ]);
    const whole = cae();
    const even = recordBatches(whole);
    await run({ trainable: whole, settings: { ...settings, batchSize: 7, maxIterations: 3 } });
    expect(even.map(({ length }) => length)).toEqual([7, 7, 7]);
  });

  it('shuffles anew every epoch where asked', async () => {
    const trainable = cae();
    const batches = recordBatches(trainable);
    await run({ trainable, settings: { ...settings, shuffle: true, maxIterations: 8 } });
    const epochs = [batches.slice(0, 4).flat(), batches.slice(4).flat()];
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual(Array.from(train.rows));
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[0]).not.toEqual(Array.from(train.rows));
  });

  it('pulls each image to its own target, in whatever order it comes', async () => {
    const seen = new Map<number, string>();
    const trainable = cae();
    const batches = recordBatches(trainable);
    const method: ClusteringMethod = {
      ...dcec(),
      loss: (z, mu, targets) => {
        batches.at(-1)!.forEach((row, i) => {
          seen.set(row, String(targets.data.slice(i * 3, i * 3 + 3)));
        });
        return dcec().loss(z, mu, targets);
      },
    };
    await run({
      trainable,
      method,
      settings: { ...settings, shuffle: true, updateInterval: 4, maxIterations: 4 },
    });
    const method0 = dcec();
    const p = method0.targets(
      method0.memberships(await embedAll(cae(), train), {
        ...start.centres,
        data: Float32Array.from(start.centres.data),
      }),
    );
    expect(seen.size).toBe(14);
    for (const [row, target] of seen) {
      const position = row - train.rows[0];
      expect(target).toBe(String(p.data.slice(position * 3, position * 3 + 3)));
    }
  });

  it('converges when fewer labels than the tolerance changed, but not at the first update', async () => {
    const { updates, stoppedBy, iterations } = await run({ settings: { ...settings, tolerance: 0.01 } });
    expect(updates[0].delta).toBe(0); // since k-means, on the same embedding
    expect({ stoppedBy, iterations }).toEqual({ stoppedBy: 'converged', iterations: 3 });
  });

  it('counts the labels that changed since k-means at the first update, since the last one later', async () => {
    const initialAssignments = start.assignments.map((label, i) => (i < 7 ? (label + 1) % 3 : label));
    const { updates, assignments } = await run({
      initialAssignments,
      settings: { ...settings, maxIterations: 3 },
    });
    const [first, second] = assignments.get('train')!;
    expect(updates[0].delta).toBe(0.5);
    expect(updates[1].delta).toBe(first.filter((label, i) => label !== second[i]).length / 14);
  });

  it('assigns every split at every update, at last with the weights and centres it ends with', async () => {
    const trainable = cae();
    const { assignments, centres, updates } = await run({ trainable });
    expect([...assignments.keys()]).toEqual(['train', 'val', 'test']);
    for (const [name, split] of Object.entries({ train, val, test })) {
      const labels = assignments.get(name)!;
      expect(labels).toHaveLength(updates.length);
      expect(labels.at(-1)).toEqual(
        hardAssignments(softAssignment(await embedAll(trainable, split), centres, 1)),
      );
    }
    const sizes = updates.at(-1)!.clusterSizes;
    expect(sizes).toEqual(
      [0, 1, 2].map(
        (j) =>
          assignments
            .get('train')!
            .at(-1)!
            .filter((l) => l === j).length,
      ),
    );
  });

  it('takes an empty split for what it is', async () => {
    const { assignments } = await run({ otherSplits: new Map([['val', noImages]]) });
    expect(assignments.get('val')!.every((labels) => labels.length === 0)).toBe(true);
  });

  it('writes the losses of before any training first: L = L_r + γ L_c over the whole train set', async () => {
    const { updates, gamma } = await run();
    expect(updates[0].reconstructionLoss).toBe(await measureReconstruction(cae(), train));
    expect(updates[0].clusteringLoss).toBe(updates[0].wholeClusteringLoss);
    for (const { loss, reconstructionLoss, clusteringLoss } of updates) {
      expect(loss).toBe(reconstructionLoss! + gamma * clusteringLoss);
    }
  });

  it('leaves the centres it was given as they are, and moves its own', async () => {
    const before = start.centres.data.slice();
    const { centres } = await run();
    expect(start.centres.data).toEqual(before);
    expect(centres.data).not.toEqual(Float32Array.from(before));
  });

  it('balances both losses at the first update where γ is ‘balanced’', async () => {
    const { updates, gamma } = await run({ method: dcec({ gamma: 'balanced' }) });
    expect(gamma).toBe(updates[0].reconstructionLoss! / updates[0].clusteringLoss);
    expect(gamma * updates[0].clusteringLoss).toBeCloseTo(updates[0].reconstructionLoss!, 12);
  });

  it('refuses to balance where there is no reconstruction', async () => {
    const method = { ...dec(), gamma: 'balanced' as const };
    await expect(run({ trainable: encoder(), method })).rejects.toMatchObject({
      failure: { reason: 'bad-parameter', message: expect.stringMatching(/^gamma: 'balanced'/) },
    });
  });

  it('with γ = 0 is pretraining: the same steps in the same order', async () => {
    const trainable = cae();
    const { centres } = await run({
      trainable,
      method: dcec({ gamma: 0 }),
      settings: { ...settings, maxIterations: 6 },
    });
    const plain = cae();
    for (const [from, to] of [
      [0, 4],
      [4, 8],
      [8, 12],
      [12, 14],
      [0, 4],
      [4, 8],
    ]) {
      await plain.gradients({ batch: partOf(train, from, to), reconstructionWeight: 1 });
      await plain.update();
    }
    expect(await trainable.weights()).toEqual(await plain.weights());
    expect(centres.data).toEqual(Float32Array.from(start.centres.data));
  });

  it('with γ = 1 and no reconstruction is DEC', async () => {
    const both = await run({ trainable: encoder(), method: dec() });
    const method = { ...dcec({ gamma: 1 }), reconstructionWeight: 0 as const };
    expect(await run({ trainable: encoder(), method })).toEqual(both);
  });

  it('keeps centres fixed for a method that has no gradient for them', async () => {
    const method: ClusteringMethod = {
      ...dec(),
      loss: (z, mu, p) => ({ ...dec().loss(z, mu, p), centreGradient: null }),
    };
    const { centres } = await run({ trainable: encoder(), method });
    expect(centres.data).toEqual(Float32Array.from(start.centres.data));
  });

  it('tells of every update', async () => {
    const rows: UpdateRow[] = [];
    const told: Progress[] = [];
    const { updates } = await run({ onUpdate: (row) => rows.push(row), progress: (line) => told.push(line) });
    expect(rows).toEqual(updates);
    expect(told.map(({ done, total, unit }) => [done, total, unit])).toEqual(
      [0, 3, 6, 9, 12].map((done) => [done, 12, 'iteration']),
    );
    expect(told[1].values).toEqual({
      loss: rows[1].loss,
      clusteringLoss: rows[1].clusteringLoss,
      delta: rows[1].delta,
      reconstructionLoss: rows[1].reconstructionLoss,
    });
  });

  it('warns once of a cluster that empties, with the sizes', async () => {
    const warnings: string[] = [];
    const centres = {
      data: Float32Array.of(...start.centres.data.subarray(0, 4), 1e3, 1e3),
      rows: 3,
      columns: 2,
    };
    await run({ centres, warn: (message) => warnings.push(message) });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^collapse: .*; sizes \d+, \d+, 0$/);
  });

  it('warns of dead units, and counts them', async () => {
    const kernel = 'encoder.3.kernel'; // [in, 2]: without the second column its unit is its bias
    const weights = new Map(pretrained);
    weights.set(
      kernel,
      weights.get(kernel)!.map((value, i) => (i % 2 === 1 ? 0 : value)),
    );
    const trainable = createReferenceTrainable(tinyNetwork, { weights });
    const warnings: string[] = [];
    const { updates } = await run({
      trainable,
      settings: { ...settings, maxIterations: 0 },
      warn: (message) => warnings.push(message),
    });
    expect(updates[0].deadUnits).toBe(1);
    expect(warnings).toContainEqual(expect.stringMatching(/^1 of 2 units of the embedding are dead/));
  });

  it('fails by name when the loss is no number, and names the iteration', async () => {
    const diverging = createReferenceTrainable(tinyNetwork, {
      weights: pretrained,
      adam: { ...ADAM, learningRate: 1e38 },
    });
    await expect(run({ trainable: diverging })).rejects.toMatchObject({
      failure: { reason: 'non-finite-loss', message: expect.stringMatching(/at iteration 3/) },
    });
    const broken = cae();
    broken.embed = async ({ rows }: Batch) => new Float32Array(2 * rows!.length).fill(Number.NaN);
    await expect(run({ trainable: broken })).rejects.toMatchObject({
      failure: { reason: 'non-finite-loss', message: expect.stringMatching(/at iteration 0/) },
    });
  });

  it('stops between two steps with the signal’s reason', async () => {
    const controller = new AbortController();
    const trainable = cae();
    const batches = recordBatches(trainable);
    const { update } = trainable;
    trainable.update = async (further) => {
      if (batches.length === 2) setImmediate(() => controller.abort());
      return update.call(trainable, further);
    };
    await expect(run({ trainable, signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(batches.length).toBeLessThan(4);
  });

  it.each([
    false,
    true,
  ])('ends in the same bytes from whichever update it is resumed (shuffle: %s)', async (shuffle) => {
    const change = { settings: { ...settings, shuffle }, method: dcec({ gamma: 'balanced' }) };
    const uninterrupted = keepStates();
    const whole = cae();
    const expected = await run({ ...change, trainable: whole, checkpoint: uninterrupted });
    expect(uninterrupted.kept).toHaveLength(4);
    for (const state of uninterrupted.kept) {
      const trainable = cae();
      const resumed = await run({
        ...change,
        trainable,
        random: createRandom('another'),
        checkpoint: keepStates(state),
      });
      expect(resumed).toEqual(expected);
      expect(await trainable.state()).toEqual(await whole.state());
    }
  });
});

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../../../src/core/network.ts';
import { createRandom } from '../../../src/core/random.ts';
import { ADAM } from '../../../src/core/trainable.ts';
import { TfjsTrainable } from '../../../src/engine/tfjs-trainable.ts';
import { setUpWasmBackend } from '../../../src/engine/wasm-backend.ts';
import { measureMse } from '../../../src/ml/metrics/mse.ts';
import { builtKernels } from '../../support/engine/kernels.ts';
import { ODD, randomImages, randomWeights } from '../../support/engine/networks.ts';
import { describeConformance } from './conformance.ts';

beforeAll(async () => setUpWasmBackend(await builtKernels()));

describe('a trainable of tfjs ops on the wasm backend', () => {
  describeConformance(
    async (network, weights, adam) => new TfjsTrainable(network, weights, adam ?? ADAM),
    1e-5,
    { held: () => tf.memory() },
  );

  it('sums the squared error of four million pixels to single precision', async () => {
    const random = createRandom('large sum');
    const network: Network = {
      input: [128, 128, 1],
      encoder: [
        { kind: 'conv', filters: 1, kernel: 1, stride: 16, padding: 'same', activation: 'linear' },
        { kind: 'flatten' },
        { kind: 'dense', units: 1, activation: 'linear' },
      ],
      decoder: [
        { kind: 'dense', units: 64, activation: 'linear' },
        { kind: 'reshape', shape: [8, 8, 1] },
        {
          kind: 'deconv',
          filters: 1,
          kernel: 1,
          stride: 16,
          padding: 'same',
          activation: 'linear',
          output: [128, 128],
        },
      ],
    };
    const trainable = new TfjsTrainable(network, randomWeights(network, random), ADAM);
    const images = randomImages(network, 256, random);
    const made = await trainable.reconstruct({ images });
    await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
    expect(await trainable.readReconstructionError()).toBeCloseTo(measureMse(made, images), 6);
    trainable.dispose();
  });

  it('leaves no tensor behind where the loss on the embedding throws', async () => {
    const random = createRandom('throws');
    const trainable = new TfjsTrainable(ODD, randomWeights(ODD, random), ADAM);
    const before = tf.memory().numTensors;
    const batch = { images: randomImages(ODD, 3, random) };
    const embeddingGradient = () => {
      throw new Error('not finite');
    };
    await expect(trainable.gradients({ batch, reconstructionWeight: 1, embeddingGradient })).rejects.toThrow(
      'not finite',
    );
    expect(tf.memory().numTensors).toBe(before);
    trainable.dispose();
  });
});

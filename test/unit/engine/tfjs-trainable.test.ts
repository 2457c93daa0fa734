import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { ADAM } from '../../../src/core/trainable.ts';
import { TfjsTrainable } from '../../../src/engine/tfjs-trainable.ts';
import { setUpWasmBackend } from '../../../src/engine/wasm-backend.ts';
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

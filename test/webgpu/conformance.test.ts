import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Engine } from '../../src/core/trainable.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { describeConformance } from '../unit/engine/conformance.ts';

const short = process.env['CLADE_TEST_SHORT'] === '1';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('webgpu', { threads: 1 });
});
afterAll(() => engine.dispose());

describe('a trainable of tfjs ops on the webgpu backend', () => {
  describeConformance((network, weights, adam) => engine.createTrainable(network, { weights, adam }), 1e-5, {
    held: () => tf.memory(), // counts buffers on the GPU too
    networks: short ? 3 : 40,
    steps: short ? 30 : 1000,
    sameInAnyBatch: false,
  });
});

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import type { Engine } from '../../src/core/trainable.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { describeConformance } from '../unit/engine/conformance.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('tensorflow', { threads: 1 });
});

describe('a trainable of tfjs ops on TensorFlow', () => {
  describeConformance((network, weights, adam) => engine.createTrainable(network, { weights, adam }), 1e-5, {
    held: () => tf.memory(),
    networks: 100,
    steps: 1000,
    sameInAnyBatch: false,
  });
});

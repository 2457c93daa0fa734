import { createRequire } from 'node:module';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { ADAM, type Engine, type EngineIdentity } from '../core/trainable.ts';
import { TfjsTrainable } from './tfjs-trainable.ts';

/** TensorFlow's own library through tfjs-node. Not exact: its sums depend on threads and processor. */
export async function openTensorflowEngine(identity: EngineIdentity, threads: number): Promise<Engine> {
  // TensorFlow reads these while it is loaded; who set them meant it.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  restoreIsNullOrUndefined();
  createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu');
  if (!(await tf.setBackend('tensorflow'))) throw new Error("tfjs's tensorflow backend does not start");
  return {
    identity,
    exact: false,
    createTrainable: async (network, { weights, adam }) => new TfjsTrainable(network, weights, adam ?? ADAM),
    dispose() {},
  };
}

/** tfjs-node 4.22 calls a function that Node 23 took away (tensorflow/tfjs#8425). */
function restoreIsNullOrUndefined(): void {
  const old = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

import { createRequire } from 'node:module';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { fail } from '../core/failure.ts';
import { ADAM, type Engine, type EngineIdentity } from '../core/trainable.ts';
import { TfjsTrainable } from './tfjs-trainable.ts';

export interface TensorflowRequest {
  readonly identity: EngineIdentity;
  /** Path of tfjs_binding.node. */
  readonly binding: string;
  /** Threads of one operation; the first call in a process decides. */
  readonly threads: number;
}

/**
 * TensorFlow's own library through tfjs-node. Not exact: its sums depend on threads and processor.
 *
 * @throws ExpectedFailure 'engine-unavailable' where it does not load, or computes on another device than
 *   `identity` says
 */
export async function openTensorflowEngine({
  identity,
  binding,
  threads,
}: TensorflowRequest): Promise<Engine> {
  // TensorFlow reads these while it is loaded; who set them meant it.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] ??= '1';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'; // else the first worker takes all of the GPU's memory
  if (identity.device === 'cpu') {
    process.env['CUDA_VISIBLE_DEVICES'] = '-1';
    process.env['HIP_VISIBLE_DEVICES'] = '-1';
  }
  restoreIsNullOrUndefined();
  registerBackend(binding);
  if (!(await tf.setBackend('tensorflow'))) throw new Error("tfjs's tensorflow backend does not start");
  const device = (tf.backend() as NodeBackend).isUsingGpuDevice ? 'gpu' : 'cpu';
  if (device !== identity.device) {
    const cure =
      device === 'cpu'
        ? 'no GPU that it can use is here: the driver, or CUDA\'s libraries that fit it, are missing. Install them with it (pip install "tensorflow[and-cuda]") and install the engine again, or compute on the processor (CLADE_TENSORFLOW_DEVICE=cpu)'
        : 'say so before the run is planned: CLADE_TENSORFLOW_DEVICE=gpu';
    fail(
      'engine-unavailable',
      `the run was planned with TensorFlow ${identity.version} on the ${identity.device}, and it computes on the ${device}: ${cure}`,
    );
  }
  return {
    identity,
    exact: false,
    createTrainable: async (network, { weights, adam }) => new TfjsTrainable(network, weights, adam ?? ADAM),
    dispose() {},
  };
}

interface NodeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
}

/**
 * What tfjs-node's own index does, less its search for a binding inside its package: ours lies in the
 * user's cache folder, and node_modules may be read-only or shared.
 */
function registerBackend(binding: string): void {
  if (tf.findBackendFactory('tensorflow')) return;
  const require = createRequire(import.meta.url);
  let native: unknown;
  try {
    native = require(binding);
  } catch (error) {
    fail(
      'engine-unavailable',
      `TensorFlow does not load: ${(error as Error).message}. Install the engine again: clade engine install tensorflow --reinstall`,
    );
  }
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
  const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend');
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(native, '@tensorflow/tfjs-node-gpu'));
}

/** tfjs-node 4.22 calls a function that Node 23 took away (tensorflow/tfjs#8425). */
function restoreIsNullOrUndefined(): void {
  const old = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { registerTrainingKernels } from './wasm/register-kernels.ts';

/** Makes tfjs's wasm backend the one in use, with our training kernels; `kernels` is the path of `kernels.wasm`. */
export async function setUpWasmBackend(kernels: string): Promise<void> {
  await registerTrainingKernels(kernels);
  if (tf.getBackend() === 'wasm') return;
  const { resolve } = createRequire(import.meta.url);
  // tfjs looks for its .wasm files beside the script that runs, which a bundle is not.
  setWasmPaths(dirname(resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  if (!(await tf.setBackend('wasm'))) throw new Error("tfjs's wasm backend does not start");
}

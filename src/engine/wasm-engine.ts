import { ADAM, type Engine, type EngineIdentity } from '../core/trainable.ts';
import { CompiledTrainable } from './compiled/compiled-trainable.ts';
import { compileKernels, compileSharedKernels } from './wasm/load-kernels.ts';

/**
 * Networks compiled into one WebAssembly program: the same bytes on every machine and for any number
 * of threads. It computes every network that core's layers can describe, so tfjs is not even loaded.
 */
export async function openWasmEngine(
  identity: EngineIdentity,
  kernels: string,
  threads = 1,
): Promise<Engine> {
  const module = await (threads > 1 ? compileSharedKernels : compileKernels)(kernels);
  return {
    identity,
    exact: true,
    createTrainable: async (network, { weights, adam }) =>
      new CompiledTrainable(network, { weights, adam: adam ?? ADAM, module, threads }),
    dispose() {},
  };
}

import { ADAM, type Engine, type EngineIdentity } from '../core/trainable.ts';
import { CompiledTrainable } from './compiled/compiled-trainable.ts';
import { compileKernels } from './wasm/load-kernels.ts';

/**
 * Networks compiled into one WebAssembly program: one thread, the same bytes on every machine. It computes
 * every network that core's layers can describe, so tfjs is not even loaded.
 */
export async function openWasmEngine(identity: EngineIdentity, kernels: string): Promise<Engine> {
  const module = await compileKernels(kernels);
  return {
    identity,
    exact: true,
    createTrainable: async (network, { weights, adam }) =>
      new CompiledTrainable(network, { weights, adam: adam ?? ADAM, module }),
    dispose() {},
  };
}

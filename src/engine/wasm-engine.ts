import { ADAM, type Engine, type EngineIdentity } from '../core/trainable.ts';
import { TfjsTrainable } from './tfjs-trainable.ts';
import { setUpWasmBackend } from './wasm-backend.ts';

/** tfjs's wasm backend with our training kernels: one thread, the same bytes on every machine. */
export async function openWasmEngine(identity: EngineIdentity, kernels: string): Promise<Engine> {
  await setUpWasmBackend(kernels);
  return {
    identity,
    exact: true,
    createTrainable: async (network, { weights, adam }) => new TfjsTrainable(network, weights, adam ?? ADAM),
    dispose() {},
  };
}

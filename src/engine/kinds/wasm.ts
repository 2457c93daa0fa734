import { readFileSync } from 'node:fs';
import { digestBytes } from '../../core/digest.ts';
import { type EngineKind, unavailable } from '../engine-kind.ts';

export const wasm: EngineKind = {
  name: 'wasm',
  probe({ kernels, tfjsVersion }) {
    if (!kernels) return unavailable('wasm', 'kernels.wasm has not been built.', 'Build it: npm run build.');
    return {
      name: 'wasm',
      available: true,
      why: 'WebAssembly runs everywhere; exact to the bit.',
      cure: null,
      exact: true,
      identity: { name: 'wasm', version: tfjsVersion, kernels: digestBytes(readFileSync(kernels)) },
    };
  },
  async open(identity, { places, threads }) {
    const { openWasmEngine } = await import('../wasm-engine.ts');
    return openWasmEngine(identity, places.kernels!, threads);
  },
};

import { fail } from '../core/failure.ts';
import type { Engine } from '../core/trainable.ts';
import { findPlaces } from './places.ts';
import { probeEngines, resolveEngine } from './probe.ts';

export interface EngineOptions {
  /** Threads that the engine may use; the wasm engine uses one. */
  readonly threads: number;
  /** Where `kernels.wasm` lies, if not where the build puts it. */
  readonly kernels?: string;
}

/**
 * Loads an engine: `wasm`, `tensorflow`, or `auto` for the better one that is there.
 *
 * @throws ExpectedFailure 'engine-unavailable' where it cannot run here
 */
export async function openEngine(name: string, options: EngineOptions): Promise<Engine> {
  const found = findPlaces();
  const places = { ...found, kernels: options.kernels ?? found.kernels };
  const identity = resolveEngine(name, probeEngines(places));
  if ('reason' in identity) return fail(identity.reason, identity.message);
  if (identity.name === 'tensorflow') {
    const { openTensorflowEngine } = await import('./tensorflow-engine.ts');
    return openTensorflowEngine(identity, options.threads);
  }
  const { openWasmEngine } = await import('./wasm-engine.ts');
  return openWasmEngine(identity, places.kernels!);
}

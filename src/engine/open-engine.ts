import { fail } from '../core/failure.ts';
import { type Json, jsonEquals } from '../core/json.ts';
import { describeEngine, type Engine, type EngineIdentity } from '../core/trainable.ts';
import { findPlaces } from './places.ts';
import { probeEngines, resolveEngine } from './probe.ts';
import { ENGINES } from './registry.ts';

export interface EngineOptions {
  /** Threads that the engine may use. The wasm engine gives the same bytes for any number. */
  readonly threads: number;
  /** Where `kernels.wasm` lies, if not where the build puts it. */
  readonly kernels?: string;
  /** The identity that the run was planned with: another one would mix artifacts of different engines. */
  readonly expected?: EngineIdentity;
}

/**
 * Loads an engine by its name.
 *
 * @throws ExpectedFailure 'engine-unavailable' where it cannot run here
 */
export async function openEngine(name: string, options: EngineOptions): Promise<Engine> {
  const found = findPlaces();
  const places = { ...found, kernels: options.kernels ?? found.kernels };
  const identity = resolveEngine(name, probeEngines(places));
  if ('reason' in identity) return fail(identity.reason, identity.message);
  const { expected } = options;
  if (expected && !jsonEquals(identity as unknown as Json, expected as unknown as Json)) {
    fail(
      'engine-unavailable',
      `the run was planned with ${describeEngine(expected)}, and this process finds ${describeEngine(identity)}; run again, so that it is planned with what is here now`,
    );
  }
  const kind = ENGINES.find((candidate) => candidate.name === identity.name)!;
  return kind.open(identity, { threads: options.threads, places });
}

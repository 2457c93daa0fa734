// Which engines can run here: file checks only, no numerics loaded, cheap enough for every start.
import type { Failure } from '../core/failure.ts';
import type { EngineIdentity } from '../core/trainable.ts';
import type { EngineKind, EngineProbe } from './engine-kind.ts';
import { type EnginePlaces, findPlaces } from './places.ts';
import { ENGINES } from './registry.ts';

/** Every engine that clade knows. */
export function probeEngines(
  places: EnginePlaces = findPlaces(),
  kinds: readonly EngineKind[] = ENGINES,
): EngineProbe[] {
  return kinds.map((kind) => kind.probe(places));
}

/**
 * The engine of that name. Asking for one that is not there is a failure that says what would bring it,
 * never another engine.
 */
export function resolveEngine(
  asked: string,
  probes: readonly EngineProbe[] = probeEngines(),
): EngineIdentity | Failure {
  const probe = probes.find(({ name }) => name === asked);
  if (!probe) {
    return {
      reason: 'engine-unavailable',
      message: `there is no engine '${asked}'; expected auto, ${probes
        .map(({ name }) => name)
        .sort()
        .join(', ')}`,
    };
  }
  if (probe.available) return probe.identity!;
  const others = probes.filter(({ available }) => available).map(({ name }) => name);
  const instead = others.length > 0 ? ` Available here: ${others.join(', ')}.` : '';
  return {
    reason: 'engine-unavailable',
    message: `the engine '${asked}' cannot run here: ${probe.why} ${probe.cure}${instead}`,
  };
}

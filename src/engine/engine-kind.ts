import type { Engine, EngineIdentity } from '../core/trainable.ts';
import type { EnginePlaces } from './places.ts';

export interface EngineProbe {
  readonly name: string;
  readonly available: boolean;
  /** One sentence: what was found, or what is missing. */
  readonly why: string;
  /** What would make it available; null where it is. */
  readonly cure: string | null;
  /** Null where it is not available. */
  readonly identity: EngineIdentity | null;
  /** The same bytes on every machine: what `auto` leaves only for something much faster. */
  readonly exact?: boolean;
}

export interface OpenOptions {
  /** Threads that the engine may use. The wasm engine gives the same bytes for any number. */
  readonly threads: number;
  readonly places: EnginePlaces;
}

/** What an engine is to the rest of the program: a file in `kinds/`, and one line in `registry.ts`. */
export interface EngineKind {
  readonly name: string;
  /** Looks at files alone and loads no numerics: it is asked at every start. */
  probe(places: EnginePlaces): EngineProbe;
  /** Loads it; `identity` is what the probe told. @throws ExpectedFailure 'engine-unavailable' */
  open(identity: EngineIdentity, options: OpenOptions): Promise<Engine>;
}

export function unavailable(name: string, why: string, cure: string): EngineProbe {
  return { name, available: false, why, cure, identity: null };
}

import { describeEngine, type Engine, type EngineIdentity } from '../core/trainable.ts';
import { openEngine } from '../engine/open-engine.ts';

/** Engines stay open while the worker is warm: the second stage does not pay for loading again. */
export interface EngineKeeper {
  /** The engine that the run was planned with, and no other. */
  open(identity: EngineIdentity, threads: number): Promise<Engine>;
}

export function createEngineKeeper(): EngineKeeper {
  const open = new Map<string, Promise<Engine>>();
  return {
    open(identity, threads) {
      const key = `${describeEngine(identity)}/${threads}`;
      if (!open.has(key)) open.set(key, openEngine(identity.name, { threads, expected: identity }));
      return open.get(key)!;
    },
  };
}

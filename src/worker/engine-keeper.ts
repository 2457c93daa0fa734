import type { Engine } from '../core/trainable.ts';
import { openEngine } from '../engine/open-engine.ts';

/** Engines stay open while the worker is warm: the second stage does not pay for loading again. */
export interface EngineKeeper {
  open(name: string, threads: number): Promise<Engine>;
}

export function createEngineKeeper(): EngineKeeper {
  const open = new Map<string, Promise<Engine>>();
  return {
    open(name, threads) {
      const key = `${name}/${threads}`;
      if (!open.has(key)) open.set(key, openEngine(name, { threads }));
      return open.get(key)!;
    },
  };
}

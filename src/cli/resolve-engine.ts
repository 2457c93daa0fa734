import type { EngineIdentity } from '../core/trainable.ts';
import { resolveEngine } from '../engine/probe.ts';
import { UsageError } from './usage-error.ts';

/** The engine of a run, decided before anything is fingerprinted. @throws UsageError where it cannot run here. */
export function chooseEngine(asked: string): EngineIdentity {
  const resolved = resolveEngine(asked);
  if ('reason' in resolved) throw new UsageError(resolved.message);
  return resolved;
}

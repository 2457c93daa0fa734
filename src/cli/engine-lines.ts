import type { EngineProbe } from '../engine/engine-kind.ts';

/** A line an engine: whether it can run here, why, and what would bring it. */
export function engineLines(engines: readonly EngineProbe[]): string[] {
  return engines.map(
    ({ name, available, why, cure }) => `${available ? '+' : '-'} ${name}: ${why}${cure ? ` ${cure}` : ''}`,
  );
}

import type { Effects } from './effects.ts';
import type { LineageIndex } from './lineage-index.ts';
import type { Trash } from './trash.ts';

/** What every part of the store works with. */
export interface StoreContext {
  /** The artifacts folder, absolute. */
  readonly folder: string;
  readonly index: LineageIndex;
  readonly effects: Effects;
  readonly trash: Trash;
  /** Only looks: nothing is repaired, moved or recorded. */
  readonly readOnly: boolean;
}

export function nowIso({ effects }: Pick<StoreContext, 'effects'>): string {
  return new Date(effects.clock.nowMs()).toISOString();
}

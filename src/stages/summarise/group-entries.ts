import type { JsonObject } from '../../core/json.ts';
import { type Spread, spreadOfValues } from '../../core/spread.ts';
import { type Entry, pointText } from './read-entries.ts';

/** Entries that differ in averaged axes alone: one row of the table. */
export interface Group {
  readonly input: string;
  /** The axes that are left. */
  readonly point: JsonObject;
  readonly entries: readonly Entry[];
}

/** In the order of the entries. */
export function groupEntries(entries: readonly Entry[], averaged: readonly string[]): Group[] {
  const groups = new Map<string, { input: string; point: JsonObject; entries: Entry[] }>();
  for (const entry of entries) {
    const left = Object.entries(entry.point).filter(([axis]) => !averaged.includes(axis));
    const point = Object.fromEntries(left);
    const key = JSON.stringify([entry.input, pointText(point, Object.keys(point).sort())]);
    const group = groups.get(key) ?? { input: entry.input, point, entries: [] };
    groups.set(key, group);
    group.entries.push(entry);
  }
  return [...groups.values()];
}

/** The values of one metric in a group; null where none of its entries has it. */
export function spreadOf({ entries }: Group, column: string): Spread | null {
  return spreadOfValues(entries.flatMap((entry) => entry.values.get(column) ?? []));
}

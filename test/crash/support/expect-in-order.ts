import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openDatabase } from '../../../src/store/open-database.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { type Inventory, names, type Place, type RunEnd, takeInventory } from './crash-place.ts';

export interface Order {
  readonly undisturbed: Inventory;
  /** How many things are in quarantine, rightly; null where that may differ. */
  readonly quarantined?: number | null;
  /** May artifacts of items lack? Nobody needs them once their step has its own: `clade gc` may take them. */
  readonly itemsMayLack?: boolean;
}

/** After a run that ended well: everything is as if nothing had happened, on the disk, in the index and among processes. */
export function expectInOrder(
  place: Place,
  end: RunEnd,
  { undisturbed, quarantined = 0, itemsMayLack = false }: Order,
): void {
  expectPlainWords(end);
  expect(end.exitCode, `${end.stderr}${JSON.stringify(end.events.slice(-3))}`).toBe(0);
  const { artifacts } = place;
  const inventory = takeInventory(artifacts);
  const mayLack = ([fingerprint, { stepId }]: [string, Inventory[string]]) =>
    itemsMayLack && stepId.includes('/') && !(fingerprint in inventory);
  expect(inventory).toEqual(Object.fromEntries(Object.entries(undisturbed).filter((one) => !mayLack(one))));
  expect(names(join(artifacts, 'attempts'))).toEqual([]);
  expect(names(join(artifacts, 'leases'))).toEqual([]);
  expect(names(join(artifacts, 'gc/trash'))).toEqual([]);
  const reasons = names(join(artifacts, 'quarantine')).filter((name) => name.endsWith('.json')).length;
  if (quarantined !== null) expect(names(join(artifacts, 'quarantine')).length - reasons).toBe(quarantined);
  const [ingested] = Object.entries(undisturbed).flatMap(([fingerprint, { stepId }]) =>
    stepId === 'ingest' ? [fingerprint] : [],
  );
  expect(names(join(artifacts, 'names'))).toEqual([`${ingested}.csv`]);
  expect(temporaryNames(artifacts)).toEqual([]);
  expect(names(join(place.path, 'tmp'))).toEqual([]);
  expect(processesIn(place)).toEqual([]);
  const store = openStore({ folder: artifacts, readOnly: true });
  try {
    expect(store.verify().findings).toEqual([]);
    expect(store.lineage.listRuns().filter(({ status }) => status === 'running')).toEqual([]);
  } finally {
    store.close();
  }
}

/** What a person reads is a failure by its name, never a stack. */
export function expectPlainWords({ events, stderr }: Pick<RunEnd, 'events' | 'stderr'>): void {
  const said = events.flatMap((event) => ('message' in event ? [event.message] : [])).join('\n') + stderr;
  expect(said).not.toMatch(/Internal error|^\s+at .*:\d+:\d+\)?$/m);
}

/** Whatever was to be renamed, or removed, and is there still. */
function temporaryNames(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)\.|\.tmp/.test(path),
  );
}

/** Processes that belong to a place, by the variable that each of its runs was given. */
export function processesIn({ path }: Place): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${path}/home`))
        return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`];
    } catch {
      return []; // it has ended
    }
  });
}

/** Steps and items of which attempts were made in the newest run. */
export function attemptedInLastRun({ artifacts }: Place): string[] {
  const db = openDatabase(join(artifacts, 'lineage.db'), { readonly: true });
  const rows = db
    .prepare(
      'SELECT step_id AS stepId FROM attempts WHERE run_id = (SELECT id FROM runs ORDER BY seq DESC LIMIT 1)',
    )
    .all() as { stepId: string }[];
  db.close();
  return rows.map(({ stepId }) => stepId);
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/store/open-database.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { type Lineage, openLineage } from '../../../src/store/read-lineage.ts';
import { SCHEMA_VERSION } from '../../../src/store/schema.ts';
import { temporaryFolder } from '../../support/clade.ts';

/** One dump an older version, of the same two runs: whoever adds a migration adds the dump of the version before. */
const DUMPS = join(import.meta.dirname, '../../golden/store');
const VERSIONS = Array.from({ length: SCHEMA_VERSION - 1 }, (_, at) => at + 1);

function folderWithIndex(version: number): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const db = openDatabase(join(folder.path, 'lineage.db'));
  db.exec(readFileSync(join(DUMPS, `lineage-v${version}.sql`), 'utf8'));
  db.close();
  return folder.path;
}

/** All that the dumped runs were. */
function expectHistory(lineage: Lineage): void {
  const [second, first] = lineage.listRuns();
  const counts = { total: 4, executed: 4, reused: 0, failed: 0, skipped: 0 };
  expect(first).toMatchObject({ pipeline: 'old', file: 'p.yaml', sweep: null, status: 'succeeded', counts });
  expect(first.points).toEqual([{ word: 'ant' }, { word: 'bee' }]);
  const ids = ['make@word=ant', 'make@word=bee', 'count@word=ant', 'count@word=bee'];
  const steps = lineage.steps(first.id);
  expect(steps.map(({ stepId }) => stepId).sort()).toEqual([...ids].sort());
  expect(lineage.steps(second.id).map(({ verdict }) => verdict)).toEqual(Array(4).fill('reused'));
  const fingerprintOf = (id: string) => steps.find(({ stepId }) => stepId === id)!.fingerprint!;
  const [made, counted] = [fingerprintOf('make@word=ant'), fingerprintOf('count@word=ant')];
  expect(lineage.metrics(made)).toEqual([{ name: 'size', split: null, value: 4, better: 'neither' }]);
  expect(lineage.record(made)).toMatchObject({ stepId: 'make@word=ant', outputs: { length: 2 } });
  expect(lineage.upstream(counted)).toMatchObject([{ input: 'text', fingerprint: made }]);
  expect(lineage.downstream(made).map(({ fingerprint }) => fingerprint)).toEqual([counted]);
  expect(lineage.durations('command')).toHaveLength(4);
  const earlier = lineage.nearestExecution({ pipeline: 'old', stage: 'command', stepId: 'make@word=bee' });
  expect(earlier?.fields.stage).toBe('command');
}

/** Tables and their columns. */
function shapeOf(file: string): { [table: string]: string[] } {
  const db = openDatabase(file, { readonly: true });
  const names = (sql: string) => (db.prepare(sql).all() as { name: string }[]).map(({ name }) => name);
  const tables = names(`SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') ORDER BY name`);
  const shape = tables.map((table) => [table, names(`SELECT name FROM pragma_table_info('${table}')`)]);
  db.close();
  return Object.fromEntries(shape);
}

describe.each(VERSIONS)('an index of version %i', (version) => {
  test('is brought forward where it may be written, with all that it knows', () => {
    const folder = folderWithIndex(version);
    const store = openStore({ folder });
    onTestFinished(() => store.close());
    expect(store.notes).toEqual([]);
    expectHistory(store.lineage);
    const fresh = temporaryFolder();
    onTestFinished(() => fresh.remove());
    openStore({ folder: fresh.path }).close();
    expect(shapeOf(join(folder, 'lineage.db'))).toEqual(shapeOf(join(fresh.path, 'lineage.db')));
    const run = { pipeline: 'old', file: 'p.yaml', text: '', points: [{}], engine: 'wasm', versions: {} };
    const { id } = store.startRun({ ...run, sweep: 'named' });
    expect(store.lineage.listRuns({ sweep: 'named' })).toMatchObject([{ id }]);
    expect(store.lineage.listRuns()).toHaveLength(3);
  });

  test('is read where it may not be written, and left as it is', () => {
    const folder = folderWithIndex(version);
    const before = readFileSync(join(folder, 'lineage.db'));
    const lineage = openLineage(folder);
    expectHistory(lineage);
    lineage.close();
    expect(readdirSync(folder)).toEqual(['lineage.db']);
    expect(readFileSync(join(folder, 'lineage.db')).equals(before)).toBe(true);
  });
});

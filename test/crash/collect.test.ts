import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { fieldsOf } from '../unit/store/fixtures.ts';
import { prepareStoreProcesses, temporaryArtifacts } from './support/store-process.ts';

const FIELDS = fieldsOf();

const startProcess = prepareStoreProcesses();

async function runChild(task: string, particulars: object, failpoint?: string) {
  const { lines, signal } = await startProcess(task, particulars, failpoint).ended;
  return { result: lines.at(-1) ?? {}, signal };
}

describe('a collection in a loop', () => {
  test('beside three processes that make and reuse the same artifacts takes nothing from them', async () => {
    const folder = temporaryArtifacts();
    const particulars = { folder, fields: FIELDS, computeMs: 4000 };
    const ended = await Promise.all([
      runChild('use', particulars),
      runChild('use', particulars),
      runChild('use', particulars),
      runChild('collect', particulars),
    ]);
    const [one, two, three, collector] = ended.map(({ result }) => result);
    expect([one.broken, two.broken, three.broken]).toEqual([[], [], []]);
    expect(Number(one.made) + Number(two.made) + Number(three.made)).toBeGreaterThan(8); // 8 exist: some were made again
    expect(Number(one.reused)).toBeGreaterThan(0);
    expect(Number(collector.removed)).toBeGreaterThan(0);
  }, 60_000);
});

describe('a collection killed', () => {
  const places = [
    'gc-after-condemn',
    'gc-after-generation',
    'gc-before-rename',
    'gc-after-rename',
    'gc-after-trash',
  ];
  test.each(places)('at %s harms nothing, and the next one goes on', async (place) => {
    const folder = temporaryArtifacts();
    await runChild('use', { folder, fields: FIELDS, computeMs: 1 });
    const { signal } = await runChild('collect', { folder, fields: FIELDS, computeMs: 1 }, place);
    expect(signal).toBe('SIGKILL');
    const store = openStore({ folder });
    expect(store.verify().findings).toEqual([]);
    store.close();
    const used = await runChild('use', { folder, fields: FIELDS, computeMs: 1 });
    expect(used.result.broken).toEqual([]);
    const { result } = await runChild('collect', { folder, fields: FIELDS, computeMs: 1 });
    expect(result.removed).toBe(8);
    for (const name of ['gc/trash', 'gc/condemned', 'gc/live', 'names', 'leases'])
      expect(readdirSync(join(folder, name)), name).toEqual([]);
  }, 60_000);
});

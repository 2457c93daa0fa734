import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemEffects } from '../../../src/store/effects.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { Trash } from '../../../src/store/trash.ts';
import { fieldsOf, publishWork, temporaryFolder, temporaryStore } from './fixtures.ts';

const trashIn = (folder: string) => readdirSync(join(folder, 'gc/trash'));

function fill(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'scratch'), { recursive: true });
  writeFileSync(join(path, 'scratch', 'large'), 'x');
  return path;
}

describe('what a publication leaves', () => {
  test('is out of the way at once, and gone when the store is closed', async () => {
    const folder = join(temporaryFolder(), 'artifacts');
    const store = openStore({ folder });
    await publishWork(store, { fields: fieldsOf() });
    expect(readdirSync(join(folder, 'attempts'))).toEqual([]);
    expect(readdirSync(join(folder, 'leases'))).toEqual([]);
    expect(trashIn(folder)).toHaveLength(2);
    store.close();
    expect(trashIn(folder)).toEqual([]);
  });

  test('of a killed process is removed by the next one; objects there are a collection’s', async () => {
    const killed = temporaryStore();
    await publishWork(killed, { fields: fieldsOf() });
    const object = `${'a'.repeat(64)}-01234567`;
    fill(join(killed.folder, 'gc/trash'), object);
    await temporaryStore(killed.folder).recover();
    expect(trashIn(killed.folder)).toEqual([object]);
  });

  test('is gone when the trash was emptied, also what was being removed then', async () => {
    const folder = temporaryFolder();
    const trash = new Trash(folder, systemEffects);
    trash.take(fill(folder, 'one'));
    void trash.empty();
    trash.take(fill(folder, 'two'));
    await trash.empty();
    expect(trashIn(folder)).toEqual([]);
  });

  test('is removed while the run goes on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const folder = temporaryFolder();
    const trash = new Trash(folder, systemEffects);
    trash.take(fill(folder, 'one'));
    trash.take(fill(folder, 'two'));
    expect(readdirSync(folder)).toEqual(['gc']);
    expect(trashIn(folder)).toHaveLength(2);
    vi.runAllTimers();
    vi.useRealTimers();
    await expect.poll(() => trashIn(folder)).toEqual([]);
  });
});

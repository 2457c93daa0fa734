import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/store/open-database.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is left of an object that nobody here holds. */
async function afterCollection(make: () => object): Promise<object | undefined> {
  const reference = new WeakRef(make());
  await new Promise((resolve) => setTimeout(resolve)); // a WeakRef holds its target until the task ends
  collectGarbage();
  return reference.deref();
}

describe('openDatabase, since Node 24.19 aborts where a wrapped object is collected', () => {
  it('lets a statement that nobody holds live on', async () => {
    const db = openDatabase(':memory:');
    expect(await afterCollection(() => db.prepare('SELECT 1'))).toBeDefined();
  });

  it('lets a closed database live on', async () => {
    expect(await afterCollection(() => openDatabase(':memory:').close())).toBeDefined();
  });

  it('looks at garbage that is really collected', async () => {
    expect(await afterCollection(() => ({ of: 'no database' }))).toBeUndefined();
  });
});

describe('pragma', () => {
  const db = openDatabase(':memory:');

  it('gives rows, or one value where asked', () => {
    expect(db.pragma('user_version')).toEqual([{ user_version: 0 }]);
    expect(db.pragma('user_version', { simple: true })).toBe(0);
  });

  it('sets what gives no row', () => {
    expect(db.pragma('user_version = 3')).toBeUndefined();
    expect(db.pragma('user_version', { simple: true })).toBe(3);
  });

  it('makes its statement where it is kept', () => {
    const before = db.prepare;
    const asked: string[] = [];
    db.prepare = ((sql: string) => {
      asked.push(sql);
      return before(sql);
    }) as typeof db.prepare;
    db.pragma('user_version');
    db.prepare = before;
    expect(asked).toEqual(['PRAGMA user_version']);
  });
});

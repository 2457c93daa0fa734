import { describe, expect, onTestFinished, test } from 'vitest';
import { LineageIndex } from '../../../src/store/lineage-index.ts';
import { openDatabase } from '../../../src/store/open-database.ts';

function indexWith(sql: string): LineageIndex {
  const db = openDatabase(':memory:');
  db.exec(sql);
  const index = new LineageIndex(db);
  onTestFinished(() => index.close());
  return index;
}

const PEOPLE = 'CREATE TABLE people (name TEXT PRIMARY KEY)';
const names = (index: LineageIndex) =>
  index.all<{ name: string }>('SELECT name FROM people ORDER BY name').map(({ name }) => name);

describe('what is recorded together', () => {
  test('is there when each is told so', async () => {
    const index = indexWith(PEOPLE);
    const add = (name: string) =>
      index.recordTogether(() => index.run('INSERT INTO people (name) VALUES (?)', name));
    const first = add('Ada');
    const second = add('Emmy').then(() => names(index));
    expect(names(index)).toEqual([]);
    await first;
    expect(await second).toEqual(['Ada', 'Emmy']);
  });

  test('fails alone: the others are recorded', async () => {
    const index = indexWith(PEOPLE);
    const outcomes = await Promise.allSettled(
      ['Ada', 'Ada', 'Emmy'].map((name) =>
        index.recordTogether(() => index.run('INSERT INTO people (name) VALUES (?)', name)),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(names(index)).toEqual(['Ada', 'Emmy']);
  });

  test('is given up where the disk is full, and the work goes on', async () => {
    const index = indexWith(PEOPLE);
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    const refused = index.recordTogether(() => {
      throw full;
    });
    await expect(refused).resolves.toBeUndefined();
  });
});

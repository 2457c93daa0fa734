import { expect, test, vi } from 'vitest';
import { ExpectedFailure } from '../../../src/core/failure.ts';
import { openDatabase } from '../../../src/store/open-database.ts';

const MISSING = 'Could not locate the bindings file. Tried:\n → build/better_sqlite3.node';

vi.mock('better-sqlite3', () => ({
  default: class {
    constructor() {
      throw new Error(MISSING);
    }
  },
}));

test('a missing binary of better-sqlite3 is named with the command that cures it', () => {
  expect(() => openDatabase('lineage.db')).toThrow(ExpectedFailure);
  expect(() => openDatabase('lineage.db')).toThrow('npm rebuild better-sqlite3');
});

import type Database from 'better-sqlite3';
import { errorCode } from './files.ts';

export type SqlValue = string | number | null;

interface Gathered {
  readonly work: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The SQLite connection with its statements. When SQLite says in the middle of the work that the file
 * is damaged, the index is replaced through `replace` (moved aside and rebuilt from the folders) and
 * the call is made once more.
 */
export class LineageIndex {
  #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #depth = 0;
  #gathered: Gathered[] = [];
  /** How to get a sound database in place of a damaged one; null where that cannot be (a copy in memory). */
  replace: (() => Database.Database) | null = null;
  /** What to do with the sound, empty one. */
  refill: () => void = () => {};

  constructor(db: Database.Database) {
    this.#db = db;
  }

  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#guarded(() => this.#statement(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#guarded(() => this.#statement(sql).all(...values) as Row[]);
  }

  run(sql: string, ...values: SqlValue[]): void {
    this.#guarded(() => this.#statement(sql).run(...values));
  }

  /** Reads rows and what is in them: where `parseColumn` finds damage, from the sound index once more. */
  read<T>(work: () => T): T {
    return this.#guarded(work);
  }

  /** All or nothing. Takes the write lock at once, so that two processes queue up rather than collide. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    return this.#guarded(() => {
      this.#depth++;
      try {
        return this.#db.transaction(work).immediate();
      } finally {
        this.#depth--;
      }
    });
  }

  /**
   * As `recordIfPossible` in a transaction, together with what others bring in this turn of the loop: steps
   * whose syncs end together share a transaction. Where one fails, each has its own.
   */
  recordTogether(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#gathered.length === 0) setImmediate(() => this.#recordGathered());
      this.#gathered.push({ work, resolve, reject });
    });
  }

  #recordGathered(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    try {
      this.transaction(() => {
        for (const { work } of gathered) work();
      });
      for (const { resolve } of gathered) resolve();
    } catch {
      for (const { work, resolve, reject } of gathered) {
        try {
          recordIfPossible(() => this.transaction(work));
          resolve();
        } catch (error) {
          reject(error);
        }
      }
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #statement(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (this.#depth > 0 || this.replace === null || !isDamage(error)) throw error;
      const { replace } = this;
      this.close();
      this.#db = replace();
      this.replace = null; // twice in one process is not the disk's doing: let it be seen
      this.refill();
      this.replace = replace;
      return work();
    }
  }
}

/** JSON as a column of ours holds it. @throws damage where it is none: SQLite cannot see a bit flipped in a text. */
export function parseColumn<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw Object.assign(new Error(`malformed JSON in the index: ${(error as Error).message}`), {
      code: 'SQLITE_CORRUPT',
    });
  }
}

/** Does the error say that the database file is not what SQLite wrote? */
export function isDamage(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_FORMAT') return true;
  if (code === 'SQLITE_IOERR_SHORT_READ') return true;
  return code === 'SQLITE_ERROR' && /no such (table|column|index)|malformed/.test((error as Error).message);
}

/**
 * Does what the files can do without: where the disk is full or may not be written, the index lacks a
 * row, which is found again later, and the work goes on.
 */
export function recordIfPossible(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!/^SQLITE_(FULL|READONLY|CANTOPEN|IOERR)/.test(errorCode(error) ?? '')) throw error;
  }
}

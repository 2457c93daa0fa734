import Database from 'better-sqlite3';
import { fail } from '../core/failure.ts';
import { errorCode } from './files.ts';

/**
 * Databases and statements, until the process ends. Where the add-on was compiled for Node 24.19 or later
 * 24.x, one that is collected while no JavaScript runs ends the process (nodejs/node#65446): none is collected.
 */
const kept: object[] = [];

/** @throws ExpectedFailure with the cure where SQLite's compiled part is missing or of another Node; else what SQLite throws. */
export function openDatabase(place: string | Buffer, options: Database.Options = {}): Database.Database {
  try {
    return keepStatements(new Database(place, options));
  } catch (error) {
    const { message } = error as Error;
    const unbuilt = errorCode(error) === 'ERR_DLOPEN_FAILED' || message.includes('bindings file');
    if (!unbuilt) throw error;
    return fail(
      'internal-error',
      `Internal error: better-sqlite3 was not built for this Node (${process.version}). Run \`npm rebuild better-sqlite3\` ` +
        '(where no binary can be downloaded it needs a C++ compiler and Python); if npm blocks its install script, ' +
        `run \`npm install-scripts approve better-sqlite3\` first. ${message.split('\n')[0]}`,
    );
  }
}

/** `pragma` makes a statement of its own, out of reach: here it goes through `prepare`. */
function keepStatements(db: Database.Database): Database.Database {
  const prepare = db.prepare.bind(db);
  const prepareKept = (sql: string) => {
    const statement = prepare(sql);
    kept.push(statement);
    return statement;
  };
  const pragma = (source: string, { simple = false }: Database.PragmaOptions = {}): unknown => {
    const statement = db.prepare(`PRAGMA ${source}`);
    if (!statement.reader) return void statement.run();
    return simple ? statement.pluck().get() : statement.all();
  };
  kept.push(db);
  return Object.assign(db, { prepare: prepareKept, pragma });
}

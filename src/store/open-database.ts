import Database from 'better-sqlite3';
import { fail } from '../core/failure.ts';
import { errorCode } from './files.ts';

/** @throws ExpectedFailure with the cure where SQLite's compiled part is missing or of another Node; else what SQLite throws. */
export function openDatabase(place: string | Buffer, options: Database.Options = {}): Database.Database {
  try {
    return new Database(place, options);
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

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { failpoint } from '../core/failpoint.ts';
import { fail } from '../core/failure.ts';
import { pause } from '../core/pause.ts';
import type { Effects } from './effects.ts';
import { errorCode, listNames } from './files.ts';
import { objectsFolder, quarantineFolder, runsFolder } from './layout.ts';
import { isDamage, LineageIndex } from './lineage-index.ts';
import { openDatabase } from './open-database.ts';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './schema.ts';

export interface OpenedIndex {
  readonly index: LineageIndex;
  /** It holds nothing although the folders may: fill it from them. */
  readonly empty: boolean;
  readonly notes: readonly string[];
}

const BUSY_TIMEOUT_MS = 20_000;

/** Opens or makes the index. A damaged one is moved to quarantine/ first. @throws ExpectedFailure not-writable, out-of-space */
export function openIndexForWriting(folder: string, effects: Effects): OpenedIndex {
  const location = indexLocation(folder);
  const notes: string[] = [];
  setAsideStrayLog(folder, location.file, effects, notes);
  let db = tryOpen(location);
  if (db === null) {
    setAside(folder, location.file, effects);
    notes.push('the index was damaged: it was moved to quarantine/ and rebuilt from the folders');
    db = tryOpen(location);
  }
  if (db === null) fail('not-writable', `${location.file} is damaged and cannot be replaced`);
  const { fresh } = prepareSchema(db, location.file);
  const index = new LineageIndex(db);
  index.replace = () => {
    setAside(folder, location.file, effects);
    const replaced = tryOpen(location);
    if (replaced === null) fail('not-writable', `${location.file} is damaged and cannot be replaced`);
    prepareSchema(replaced, location.file);
    return replaced;
  };
  return { index, empty: fresh && holdsSomething(folder), notes };
}

/**
 * For looking only: never writes. Where the index cannot be used as it lies (absent, damaged, made by an
 * older version, or in a folder that may not be written), a copy in memory takes its place.
 */
export function openIndexForReading(folder: string): OpenedIndex {
  const { file } = indexLocation(folder);
  const inMemory = () => {
    const db = openDatabase(':memory:');
    prepareSchema(db, file);
    return db;
  };
  const found = existsSync(file) ? (openInPlace(file) ?? openCopy(file)) : null;
  const index = new LineageIndex(found ?? inMemory());
  index.replace = inMemory; // damage that shows later: the file stays as it is, a copy made anew answers
  return { index, empty: found === null && holdsSomething(folder), notes: [] };
}

/** What is wrong with the index's file, looked at without writing; nothing where there is none. */
export function inspectIndexFile(folder: string): { readonly file: string; readonly problem: string }[] {
  const { file } = indexLocation(folder);
  if (!existsSync(file)) return [];
  let db: Database.Database | null = null;
  try {
    db = openDatabase(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    const [{ integrity_check: verdict }] = db.pragma('integrity_check(1)') as [{ integrity_check: string }];
    if (verdict !== 'ok') return [{ file, problem: verdict }];
    return isCut(file) ? [{ file, problem: 'is shorter than its header says' }] : [];
  } catch (error) {
    return isDamage(error) ? [{ file, problem: (error as Error).message }] : [];
  } finally {
    db?.close();
  }
}

interface IndexLocation {
  readonly file: string;
  /** SQLite's write-ahead log needs memory shared between processes, which network file systems lack. */
  readonly journal: 'WAL' | 'TRUNCATE';
}

/** Magic numbers of statfs(2): NFS, SMB, CIFS, SMB2, Lustre, GPFS, BeeGFS, Ceph, AFS, 9p. */
const NETWORK_FILE_SYSTEMS = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x0bd00bd0, 0x47504653, 0x19830326, 0x00c36400, 0x5346414f,
  0x01021997,
]);

function indexLocation(folder: string): IndexLocation {
  let network = false;
  try {
    network = NETWORK_FILE_SYSTEMS.has(Number(statfsSync(folder).type) >>> 0);
  } catch {
    // no such folder yet, or no such call on this system: a local disk is the common case
  }
  return network
    ? { file: join(folder, `lineage-${hostname()}.db`), journal: 'TRUNCATE' }
    : { file: join(folder, 'lineage.db'), journal: 'WAL' };
}

/** null for a damaged file. */
function tryOpen({ file, journal }: IndexLocation): Database.Database | null {
  let db: Database.Database | null = null;
  try {
    db = openDatabase(file, { timeout: BUSY_TIMEOUT_MS });
    db.pragma('synchronous = OFF'); // until the tables are there: a half-made index is made again
    setJournal(db, journal);
    db.pragma('cache_size = -32000'); // KiB; not mapped into memory, where a cut file would end the process
    const id = db.pragma('application_id', { simple: true });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    if ((id === APPLICATION_ID || id === 0) && !isCut(file)) return db;
    db.close();
    return null;
  } catch (error) {
    db?.close();
    if (isDamage(error)) return null;
    const code = errorCode(error) ?? '';
    if (code === 'ENOENT' && existsSync(dirname(file))) return tryOpen({ file, journal }); // deleted just now
    const { message } = error as Error;
    if (code === 'SQLITE_FULL' || code === 'ENOSPC')
      fail('out-of-space', `the disk is full: ${file}: ${message}`);
    if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH|IOERR)/.test(code))
      fail('not-writable', `cannot write ${file}: ${message}`);
    throw error;
  }
}

/**
 * Of processes that open a new index at the same time each waits for the others to let go, and SQLite refuses
 * one of them at once instead of letting it wait, as it does elsewhere.
 */
function setJournal(db: Database.Database, journal: IndexLocation['journal']): void {
  const untilMs = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      const current = db.pragma('journal_mode', { simple: true });
      if (current !== journal.toLowerCase()) db.pragma(`journal_mode = ${journal}`);
      return;
    } catch (error) {
      if (!errorCode(error)?.startsWith('SQLITE_BUSY') || performance.now() > untilMs) throw error;
      pause(10);
    }
  }
}

/** Is the file shorter than its header says? Only to be judged where no log holds the missing pages. */
function isCut(file: string): boolean {
  if (existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0) return false;
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, header, 0, 100, 0) < 100) return false; // new and empty
  } finally {
    closeSync(descriptor);
  }
  // The database file format, sections 1.3.2 and 1.3.7: page size, 1 standing for 65,536; size in pages.
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  return statSync(file).size < pageBytes * header.readUInt32BE(28);
}

/** Brings the tables to this version. Two processes at once: the second finds it done. */
function prepareSchema(db: Database.Database, file: string): { fresh: boolean } {
  const version = () => db.pragma('user_version', { simple: true }) as number;
  const prepared = version() === SCHEMA_VERSION ? { fresh: false } : migrate();
  // The files are the truth: after a power cut the index may lack the last rows, which are found again.
  db.pragma('synchronous = NORMAL');
  return prepared;

  function migrate(): { fresh: boolean } {
    return db
      .transaction(() => {
        const from = version();
        if (from > SCHEMA_VERSION) {
          fail(
            'not-writable',
            `${file} was made by a newer clade (version ${from}; this one knows ${SCHEMA_VERSION})`,
          );
        }
        failpoint('index-before-migration');
        for (const migration of MIGRATIONS.slice(from)) db.exec(migration);
        db.pragma(`user_version = ${SCHEMA_VERSION}`);
        db.pragma(`application_id = ${APPLICATION_ID}`);
        return { fresh: from === 0 };
      })
      .immediate();
  }
}

/** null where it cannot be used as it lies: damaged, of another version, or its log cannot be opened without writing. */
function openInPlace(file: string): Database.Database | null {
  let db: Database.Database | null = null;
  try {
    db = openDatabase(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    if (db.pragma('user_version', { simple: true }) === SCHEMA_VERSION && !isCut(file)) return db;
  } catch {
    // a copy may do
  }
  db?.close();
  return null;
}

/** null where it is damaged. */
function openCopy(file: string): Database.Database | null {
  try {
    const bytes = readFileSync(file);
    bytes.fill(1, 18, 20); // "with a write-ahead log", which a database in memory cannot have
    const db = openDatabase(bytes);
    const [{ integrity_check: verdict }] = db.pragma('integrity_check(1)') as [{ integrity_check: string }];
    if (verdict !== 'ok') return null;
    prepareSchema(db, file);
    return db;
  } catch {
    return null;
  }
}

function holdsSomething(folder: string): boolean {
  return listNames(objectsFolder(folder)).length > 0 || listNames(runsFolder(folder)).length > 0;
}

/** A log without its database would be replayed into the next one: it belongs to something that was deleted. */
function setAsideStrayLog(folder: string, file: string, effects: Effects, notes: string[]): void {
  if (existsSync(file) || !(existsSync(`${file}-wal`) || existsSync(`${file}-journal`))) return;
  setAside(folder, file, effects);
  notes.push('the index was gone, with its log left behind: rebuilt from the folders');
}

function setAside(folder: string, file: string, effects: Effects): void {
  const place = join(quarantineFolder(folder), `index-${effects.randomHex(8)}`);
  mkdirSync(place, { recursive: true });
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    try {
      renameSync(file + suffix, join(place, `lineage.db${suffix}`));
      failpoint('index-mid-aside');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}

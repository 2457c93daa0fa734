import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fail } from '../../core/failure.ts';

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** On another machine nobody can be asked whether it still runs; no install takes this long. */
const FOREIGN_MS = 3600_000;

/**
 * One install at a time in a folder. The lock of a process that is gone is taken over. Two that take the
 * same one over do the same work twice, and the later rename wins: what is installed is right either way.
 *
 * @throws ExpectedFailure 'engine-unavailable' where another install is at work, 'not-writable'
 */
export async function withInstallLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  makeFolder(folder);
  const path = join(folder, 'install.lock');
  const mine: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  if (!create(path, mine)) {
    const holder = read(path);
    if (holder && isAtWork(holder)) {
      return fail(
        'engine-unavailable',
        `another install is at work (process ${holder.pid} on ${holder.host}, since ${holder.since}): wait for it; if it does not run any more, remove ${path}`,
      );
    }
    const old = `${path}.${process.pid}`;
    renameSync(path, old);
    rmSync(old, { force: true });
    if (!create(path, mine))
      return fail('engine-unavailable', 'another install has just begun: wait for it, then try again');
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
    fail(
      'not-writable',
      `the cache folder ${folder} cannot be made (${code}): name another by XDG_CACHE_HOME`,
    );
  }
}

function create(path: string, holder: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null where it cannot be read: it was cut off while it was written, or is just gone. */
function read(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

function isAtWork({ pid, host, since }: Holder): boolean {
  if (host !== hostname()) return Date.now() - Date.parse(since) < FOREIGN_MS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

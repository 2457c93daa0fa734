import { listNames, readTextIfThere } from './files.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** What a lease's file holds. */
export interface LeaseFile {
  /** Of this lease alone: epochs start again after a publication. */
  readonly token: string;
  /** The token of the lease that it follows; '' for the first. */
  readonly after: string;
  readonly runId: string;
  readonly since: string;
  readonly runner: ProcessIdentity;
  readonly worker: ProcessIdentity | null;
  readonly released: boolean;
}

const BLOCK_BYTES = 2048;

/**
 * Written over what the same lease held before, in one go: its states differ by a few numbers, so behind a
 * shorter one stand only spaces of a longer one.
 */
export function encodeLease(content: LeaseFile): string {
  const text = JSON.stringify(content);
  return text.padEnd(BLOCK_BYTES * Math.ceil((text.length + BLOCK_BYTES / 4) / BLOCK_BYTES));
}

/** The highest epoch in a fingerprint's folder of leases; 0 where there is none. */
export function newestEpoch(folder: string): number {
  return listNames(folder).reduce(
    (newest, name) => (/^\d+$/.test(name) ? Math.max(newest, Number(name)) : newest),
    0,
  );
}

/** null where there is none, or only a damaged one. */
export function readLeaseFile(path: string): LeaseFile | null {
  try {
    const value = JSON.parse(readTextIfThere(path) ?? '') as Partial<LeaseFile> | null;
    return typeof value?.runner?.pid === 'number' && typeof value.runId === 'string'
      ? (value as LeaseFile)
      : null;
  } catch {
    return null;
  }
}

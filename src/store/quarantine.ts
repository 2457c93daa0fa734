import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import { failpoint } from '../core/failpoint.ts';
import { errorCode } from './files.ts';
import { objectFolder, quarantineFolder } from './layout.ts';
import { stampOf } from './stamp.ts';
import { nowIso, type StoreContext } from './store-context.ts';

export interface DamagedFile {
  /** Relative to the object. */
  readonly path: string;
  /** `missing`, `changed`, … */
  readonly problem: string;
}

/**
 * Moves a damaged object out of the way, with the reason beside it. `inode` is that of the folder that
 * was looked into: if another process has replaced it by a sound one meanwhile, that one stays.
 */
export function quarantineObject(
  context: StoreContext,
  fingerprint: Digest,
  { damaged, inode }: { readonly damaged: readonly DamagedFile[]; readonly inode: bigint },
): void {
  const from = objectFolder(context.folder, fingerprint);
  if (stampOf(from)?.inode !== inode) return;
  const to = join(quarantineFolder(context.folder), `${fingerprint}-${context.effects.randomHex(8)}`);
  mkdirSync(quarantineFolder(context.folder), { recursive: true });
  failpoint('quarantine-before-rename');
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return; // another process was quicker
    throw error;
  }
  if (stampOf(to)?.inode !== inode) {
    renameSync(to, from);
    return;
  }
  failpoint('quarantine-after-rename');
  writeReason(`${to}.json`, { at: nowIso(context), fingerprint, damaged });
}

/** A file in an object that its record does not list: nobody may mistake it for an output. */
export function quarantineStranger(context: StoreContext, fingerprint: Digest, path: string): void {
  const place = quarantineFolder(context.folder);
  const to = join(place, `${fingerprint}-${context.effects.randomHex(8)}-unlisted`);
  mkdirSync(place, { recursive: true });
  try {
    renameSync(join(objectFolder(context.folder, fingerprint), path), to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return;
  }
  writeReason(`${to}.json`, { at: nowIso(context), fingerprint, damaged: [{ path, problem: 'unlisted' }] });
}

/** A second result that is not the first one's bytes. */
export function quarantineWork(
  context: StoreContext,
  fingerprint: Digest,
  { work, differing }: { readonly work: string; readonly differing: readonly string[] },
): void {
  const place = quarantineFolder(context.folder);
  const to = join(place, `${fingerprint}-${context.effects.randomHex(8)}-differing`);
  mkdirSync(place, { recursive: true });
  renameSync(work, to);
  const damaged = differing.map((path) => ({ path, problem: 'differs from the first result' }));
  writeReason(`${to}.json`, { at: nowIso(context), fingerprint, damaged });
}

function writeReason(path: string, reason: object): void {
  try {
    writeFileSync(path, `${JSON.stringify(reason, null, 1)}\n`);
  } catch {
    // a full disk must not keep a damaged object in service
  }
}

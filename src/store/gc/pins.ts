import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { listNames, readTextIfThere, replaceFile } from '../files.ts';
import { isFingerprint, pinsFolder } from '../layout.ts';
import { nowIso, type StoreContext } from '../store-context.ts';

/** What no collection may remove. */
export interface Pin {
  /** A run stands for the artifacts of all its steps. */
  readonly kind: 'run' | 'artifact';
  /** The run's id, or the fingerprint. */
  readonly name: string;
  /** Of an artifact. */
  readonly stepId: string | null;
  readonly note: string | null;
  /** ISO 8601. */
  readonly at: string;
}

/** Oldest first. */
export function listPins(folder: string): Pin[] {
  return listNames(pinsFolder(folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => readPin(join(pinsFolder(folder), name), name.slice(0, -'.json'.length)))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.name < b.name ? -1 : 1));
}

export function addPin(context: StoreContext, pin: Omit<Pin, 'at'>): void {
  const place = pinsFolder(context.folder);
  mkdirSync(place, { recursive: true });
  const content: Pin = { ...pin, at: nowIso(context) };
  const temporary = join(place, `.tmp-${process.pid}-${context.effects.randomHex(8)}`);
  replaceFile(join(place, `${pin.name}.json`), `${JSON.stringify(content)}\n`, temporary);
}

export function removePin(folder: string, name: string): void {
  rmSync(join(pinsFolder(folder), `${name}.json`), { force: true });
}

/** The file's name says what is pinned, so that a damaged file still pins. */
function readPin(path: string, name: string): Pin {
  const kind = isFingerprint(name as Digest) ? 'artifact' : 'run';
  try {
    const { stepId = null, note = null, at = '' } = JSON.parse(readTextIfThere(path) ?? '') as Partial<Pin>;
    return { kind, name, stepId, note, at };
  } catch {
    return { kind, name, stepId: null, note: null, at: '' };
  }
}

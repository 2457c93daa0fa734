import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { listNames, readTextIfThere, replaceFile } from '../files.ts';
import { condemnedFolder, gcFolder, isFingerprint } from '../layout.ts';
import { stampOf } from '../stamp.ts';

/**
 * What is to go is *condemned* first: one empty file a fingerprint below `gc/condemned/`, then a new text in
 * `gc/generation`, by which processes notice. Whoever takes a file away has saved that object.
 */
export function condemn(folder: string, fingerprint: Digest): void {
  mkdirSync(condemnedFolder(folder), { recursive: true });
  writeFileSync(join(condemnedFolder(folder), fingerprint), '');
}

export function rescue(folder: string, fingerprint: Digest): void {
  rmSync(join(condemnedFolder(folder), fingerprint), { force: true });
}

export function isCondemned(folder: string, fingerprint: Digest): boolean {
  return stampOf(join(condemnedFolder(folder), fingerprint)) !== null;
}

export function readCondemned(folder: string): Set<Digest> {
  return new Set(listNames(condemnedFolder(folder)).filter(isFingerprint));
}

/** '' before the first collection. */
export function readGeneration(folder: string): string {
  return readTextIfThere(join(gcFolder(folder), 'generation')) ?? '';
}

export function writeGeneration(folder: string, generation: string): void {
  mkdirSync(gcFolder(folder), { recursive: true });
  replaceFile(
    join(gcFolder(folder), 'generation'),
    generation,
    join(gcFolder(folder), `.tmp-${process.pid}-${generation}`),
  );
}

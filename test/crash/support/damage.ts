import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../../src/core/random.ts';

/** One way in which a stored file may suffer. */
export interface Damage {
  readonly title: string;
  /** Does it to the file. @returns whether it is another file now. */
  readonly inflict: (path: string) => boolean;
}

const cut = (title: string, lengthOf: (size: number) => number): Damage => ({
  title: `cut ${title}`,
  inflict(path) {
    const { size } = statSync(path);
    const length = Math.min(size, lengthOf(size));
    makeWritable(path);
    truncateSync(path, length);
    return length !== size;
  },
});

const flip = (title: string, share: (random: number) => number): Damage => ({
  title: `a bit flipped ${title}`,
  inflict(path) {
    const bytes = readFileSync(path);
    if (bytes.length === 0) return false;
    const random = randomFor(path);
    bytes[Math.min(bytes.length - 1, Math.floor(share(random()) * bytes.length))] ^= 1 << (random() * 8);
    makeWritable(path);
    writeFileSync(path, bytes);
    return true;
  },
});

export const GONE: Damage = {
  title: 'gone',
  inflict(path) {
    rmSync(path, { recursive: true });
    return true;
  },
};
export const CUT_ANYWHERE = cut('somewhere', (size) => Math.floor(size / 3));
export const FLIPPED = flip('somewhere', (random) => random);

/** Every way; lengths and places are the same each time. */
export const DAMAGES: readonly Damage[] = [
  cut('to nothing', () => 0),
  cut('to one byte', () => 1),
  cut('to half', (size) => size >> 1),
  cut('by one byte', (size) => Math.max(0, size - 1)),
  CUT_ANYWHERE,
  flip('at the start', () => 0),
  flip('at the end', () => 1),
  FLIPPED,
  GONE,
];

/** Chance by the file's place, so that a case that fails can be repeated. */
function randomFor(path: string): () => number {
  const random = createRandom(path.split('/').slice(-2).join('/'));
  return () => random.next();
}

function makeWritable(path: string): void {
  chmodSync(path, 0o644);
}

/** Regular files below a folder, relative to it, in order; links are not followed. */
export function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

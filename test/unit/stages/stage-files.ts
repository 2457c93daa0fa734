import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { matchesPattern, type StageDeclaration } from '../../../src/core/declaration.ts';
import { digestBytes } from '../../../src/core/digest.ts';
import { byCodeUnit } from '../../../src/core/json.ts';

/** All files of an artifact, '/'-separated, sorted. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort(byCodeUnit);
}

/** Path → digest, of those files of an artifact that match. */
export function digestsOf(folder: string, matching = /./): { [path: string]: string } {
  const paths = filesOf(folder).filter((path) => matching.test(path));
  return Object.fromEntries(paths.map((path) => [path, digestBytes(readFileSync(join(folder, path)))]));
}

/** Files that the declaration does not name, and declared ones that are not there though not optional. */
export function undeclared({ outputs }: StageDeclaration, folder: string): string[] {
  const files = filesOf(folder);
  const surplus = files.filter(
    (file) =>
      !matchesPattern(
        file,
        outputs.map(({ path }) => path),
      ),
  );
  const lacking = outputs.filter(
    ({ path, optional }) => !optional && !files.some((file) => matchesPattern(file, [path])),
  );
  return [...surplus, ...lacking.map(({ path }) => `no ${path}`)];
}

export function textOf(folder: string, path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

export function jsonOf(folder: string, path: string): Record<string, unknown> {
  return JSON.parse(textOf(folder, path)) as Record<string, unknown>;
}

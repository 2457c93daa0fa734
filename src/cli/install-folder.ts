import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../core/declaration.ts';

/** The folder of the built bundles: the nearest one above this module that holds the catalogue. */
export function installFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'catalogue.json'))) return folder;
    if (folder === dirname(folder)) throw new Error('clade is not built: run `npm run build` in its folder');
  }
}

export function loadCatalogue(): Catalogue {
  return JSON.parse(readFileSync(join(installFolder(), 'catalogue.json'), 'utf8')) as Catalogue;
}

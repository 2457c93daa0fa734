import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Catalogue } from '../core/declaration.ts';
import { cacheFolder } from '../engine/cache-folder.ts';
import { listOwnStages } from '../spec/list-own-stages.ts';
import { installFolder, loadCatalogue } from './install-folder.ts';

/**
 * All stages that a pipeline file may use: clade's own, and those of the folders that it names. Without a file, clade's own.
 * @param text what the file held; what it holds now where absent.
 */
export async function loadCatalogueFor(file: string | undefined, text?: Uint8Array): Promise<Catalogue> {
  const catalogue = loadCatalogue();
  const uses = file === undefined ? [] : ownStagesOf(file, text);
  if (file === undefined || uses.length === 0) return catalogue;
  const [{ loadOwnStages }, { checkDeclaration }] = await Promise.all([
    import('../catalogue/own/load-own-stages.ts'),
    import('../spec/check-declaration.ts'),
  ]);
  return loadOwnStages({
    catalogue,
    folder: dirname(resolve(file)),
    uses,
    install: installFolder(),
    cache: join(cacheFolder(), 'stages'),
    check: checkDeclaration,
  });
}

function ownStagesOf(file: string, text?: Uint8Array): string[] {
  try {
    return listOwnStages(text ?? readFileSync(file), file);
  } catch {
    return []; // a file that cannot be read: reading the pipeline says so
  }
}

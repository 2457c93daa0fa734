import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Catalogue, CatalogueEntry, StageDeclaration } from '../core/declaration.ts';
import { byCodeUnit } from '../core/json.ts';
import { digestCodeClosure } from './code-closure.ts';

/**
 * The catalogue of all stages below a folder: each folder with a declaration.ts is one.
 * @param root absolute folder that module names are relative to.
 * @param stagesFolder absolute.
 * @param moduleOf where a worker finds the stage's bundled module, relative to the catalogue file.
 * @throws Error naming the stage whose declaration and folder disagree.
 */
export async function buildCatalogue(
  root: string,
  stagesFolder: string,
  moduleOf: (stage: string) => string,
): Promise<Catalogue> {
  const folders = (await readdir(stagesFolder, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  const names = folders.map((folder) => folder.name).sort(byCodeUnit);
  const entries = await Promise.all(
    names.map(async (name): Promise<[string, CatalogueEntry]> => {
      const declaration = await loadDeclaration(join(stagesFolder, name, 'declaration.ts'), root);
      if (declaration.name !== name) {
        throw new Error(
          `${stagesFolder}/${name}/declaration.ts declares '${declaration.name}': its folder must be named so`,
        );
      }
      const { code, modules } = await digestCodeClosure(join(stagesFolder, name, 'run.ts'), root);
      return [name, { declaration, module: moduleOf(name), code, modules }];
    }),
  );
  return { format: 1, stages: Object.fromEntries(entries) };
}

/** Bundles a declaration and evaluates it: data comes out, as it will stand in the JSON. */
async function loadDeclaration(file: string, root: string): Promise<StageDeclaration> {
  const bundle = await build({
    entryPoints: [file],
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
  });
  const url = `data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString('base64')}`;
  const module = (await import(url)) as { default: StageDeclaration };
  return JSON.parse(JSON.stringify(module.default)) as StageDeclaration;
}

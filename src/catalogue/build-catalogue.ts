import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Catalogue, CatalogueEntry, StageDeclaration } from '../core/declaration.ts';
import { type Digest, digestBytes } from '../core/digest.ts';
import { byCodeUnit } from '../core/json.ts';
import { digestCodeClosure } from './code-closure.ts';

/** All but what is known once the modules are bundled. */
export interface CatalogueDraft {
  readonly format: 1;
  readonly worker: Digest;
  readonly stages: { readonly [uses: string]: Omit<CatalogueEntry, 'bundle'> };
}

export interface CatalogueSources {
  /** Absolute folder that module names are relative to. */
  readonly root: string;
  /** Absolute; each folder in it with a declaration.ts is a stage. */
  readonly stagesFolder: string;
  /** The worker's first module, absolute. */
  readonly workerFile: string;
  /** Where a worker finds the stage's bundled module, relative to the catalogue file. */
  readonly moduleOf: (stage: string) => string;
}

/** The catalogue of all stages below a folder. @throws Error naming the stage whose declaration and folder disagree. */
export async function buildCatalogue({
  root,
  stagesFolder,
  workerFile,
  moduleOf,
}: CatalogueSources): Promise<CatalogueDraft> {
  const folders = (await readdir(stagesFolder, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  const names = folders.map((folder) => folder.name).sort(byCodeUnit);
  const entries = await Promise.all(
    names.map(async (name): Promise<[string, CatalogueDraft['stages'][string]]> => {
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
  const { code: worker } = await digestCodeClosure(workerFile, root);
  return { format: 1, worker, stages: Object.fromEntries(entries) };
}

/** With the digests of the bundled modules. @param folder where the catalogue file will lie. */
export function completeCatalogue(draft: CatalogueDraft, folder: string): Catalogue {
  const stages = Object.entries(draft.stages).map(([uses, entry]): [string, CatalogueEntry] => {
    return [uses, { ...entry, bundle: digestBytes(readFileSync(join(folder, entry.module))) }];
  });
  return { ...draft, stages: Object.fromEntries(stages) };
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

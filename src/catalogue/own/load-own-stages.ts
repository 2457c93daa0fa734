import { randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Catalogue, CatalogueEntry, StageFault } from '../../core/declaration.ts';
import { digestBytes, digestOf } from '../../core/digest.ts';
import type { OwnStageDeclaration } from '../../core/own-stage.ts';
import type { LibraryDigests } from './build-stage.ts';
import { readStageRecord, type StageRecord } from './stage-record.ts';

export interface OwnStagesRequest {
  readonly catalogue: Catalogue;
  /** Of the pipeline file, absolute. */
  readonly folder: string;
  /** The folders that it uses, as it names them. */
  readonly uses: readonly string[];
  /** Where clade is installed: `stage.js` and `library.json` are there. */
  readonly install: string;
  /** Where bundles and records may be kept, absolute. */
  readonly cache: string;
  readonly check: (declaration: OwnStageDeclaration, uses: string) => StageFault | null;
}

/**
 * The catalogue with the stages of a pipeline's own folders. What is unchanged since it was last bundled
 * comes from the cache, and neither a bundler nor the stage is loaded.
 */
export async function loadOwnStages(request: OwnStagesRequest): Promise<Catalogue> {
  const { catalogue, folder, uses, install } = request;
  const digestsText = readFileSync(join(install, 'library.json'), 'utf8');
  const maker = digestBytes(`${install}\n${digestsText}`);
  const stages: { [uses: string]: CatalogueEntry } = {};
  const broken: { [uses: string]: StageFault } = {};
  let cache = request.cache;
  let bundled = false;
  for (const one of uses) {
    const place = resolve(folder, one);
    const name = `${digestOf('stage-record', { place, uses: one }).slice(0, 32)}.json`;
    const known = readStageRecord(join(cache, name), maker);
    if (known) {
      stages[one] = known;
      continue;
    }
    const { buildOwnStage } = await import('./build-stage.ts');
    cache = writable(cache);
    bundled = true;
    const built = await buildOwnStage({
      folder: place,
      uses: one.replace(/\/+$/, ''),
      library: join(install, 'stage.js'),
      digests: JSON.parse(digestsText) as LibraryDigests,
      maker,
      cache,
      check: request.check,
    });
    if ('fault' in built) broken[one] = built.fault;
    else {
      stages[one] = built.entry;
      keepRecord(join(cache, name), built.record);
    }
  }
  if (bundled) await (await import('./bundle-stage.ts')).endBundler();
  return { ...catalogue, stages: { ...catalogue.stages, ...stages }, broken };
}

/** The cache, or where that cannot be written a folder for this run: workers must find the module somewhere. */
function writable(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return cache;
  } catch {
    return mkdtempSync(join(tmpdir(), 'clade-stages-'));
  }
}

function keepRecord(file: string, record: StageRecord): void {
  const temporary = `${file}.${randomUUID()}`;
  writeFileSync(temporary, JSON.stringify(record));
  renameSync(temporary, file);
}

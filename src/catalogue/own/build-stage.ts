import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { CatalogueEntry, StageDeclaration, StageFault } from '../../core/declaration.ts';
import { type Digest, digestBytes } from '../../core/digest.ts';
import { byCodeUnit, jsonEquals } from '../../core/json.ts';
import { completeDeclaration, type OwnStageDeclaration } from '../../core/own-stage.ts';
import { type CodeClosure, digestCodeClosure, digestModules } from '../code-closure.ts';
import {
  type Bundle,
  bundleDeclaration,
  bundleModule,
  explainBuild,
  foldersAbove,
  inputsOf,
  LIBRARY,
  type StagePlace,
} from './bundle-stage.ts';
import { evaluateDeclaration, newMark } from './evaluate-declaration.ts';
import { lookAt, type StageRecord } from './stage-record.ts';

/** The code behind each name that `clade/stage` exports. */
export type LibraryDigests = { readonly [name: string]: Digest };

export interface StageRequest extends StagePlace {
  readonly digests: LibraryDigests;
  readonly maker: Digest;
  /** Where bundles and records are kept, absolute. */
  readonly cache: string;
  /** What is wrong with a declaration's form. */
  readonly check: (declaration: OwnStageDeclaration, uses: string) => StageFault | null;
}

export type BuiltStage =
  | { readonly entry: CatalogueEntry; readonly record: StageRecord }
  | { readonly fault: StageFault };

/** How often a folder may change while it is read. */
const TRIES = 5;

/**
 * Declaration, code closure and module of a stage in a folder of the user's, all of one state of its files:
 * what is edited meanwhile is read again.
 */
export async function buildOwnStage(request: StageRequest): Promise<BuiltStage> {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await lookBefore(request);
    const built = await buildOnce(request);
    if ('fault' in built || jsonEquals(before, built.record.looked)) return built;
  }
  return {
    fault: { message: `'${request.uses}' changes while it is read`, hint: 'run again when it is at rest' },
  };
}

/** All that a build will look at; nothing where there is nothing to be built. */
async function lookBefore(request: StageRequest): Promise<StageRecord['looked']> {
  const files = findFiles(request);
  if ('fault' in files) return {};
  try {
    const { folder } = request;
    const [declaration, module, closure] = await Promise.all([
      bundleDeclaration(request, files.declaration, newMark()),
      bundleModule(request, files.run),
      digestCodeClosure(join(folder, files.run), folder, [LIBRARY]),
    ]);
    return lookedAt(request, [declaration, module], closure);
  } catch {
    return {}; // the build says what is wrong
  }
}

async function buildOnce(request: StageRequest): Promise<BuiltStage> {
  const files = findFiles(request);
  if ('fault' in files) return files;
  const declared = await loadDeclaration(request, files.declaration);
  if ('fault' in declared) return declared;
  const entryFile = join(request.folder, files.run);
  let module: Bundle;
  let closure: CodeClosure;
  try {
    [module, closure] = await Promise.all([
      bundleModule(request, files.run),
      digestCodeClosure(entryFile, request.folder, [LIBRARY]),
    ]);
  } catch (error) {
    return { fault: explainBuild(error, request) };
  }
  const fault =
    checkExports(request, files.run, declared.declaration, module) ?? checkLibrary(request, closure);
  if (fault) return { fault };
  const modules = [...closure.modules, ...libraryModules(request, closure)];
  const bundle = digestBytes(module.text);
  const entry: CatalogueEntry = {
    declaration: declared.declaration,
    module: keepBundle(request.cache, bundle, module.text),
    bundle,
    code: digestModules(modules),
    modules,
  };
  const looked = lookedAt(request, [declared.bundle, module], closure);
  return { entry, record: { format: 2, maker: request.maker, looked, entry } };
}

const ENDINGS = ['ts', 'mts', 'js', 'mjs'];

interface StageFiles {
  readonly declaration: string;
  readonly run: string;
}

function findFiles({ folder, uses }: StagePlace): StageFiles | { readonly fault: StageFault } {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = code === 'ENOTDIR' ? `'${uses}' is no folder` : `there is no folder '${uses}'`;
    return { fault: { message, hint: `'${initCommand(folder)}' writes a stage to start from` } };
  }
  const files: { [word: string]: string } = {};
  for (const word of ['declaration', 'run']) {
    const found = ENDINGS.map((ending) => `${word}.${ending}`).filter((name) => names.includes(name));
    if (found.length === 1) files[word] = found[0];
    else if (found.length > 1)
      return { fault: { message: `'${uses}' has ${found.join(' and ')}`, hint: 'one of them is meant' } };
    else
      return {
        fault: {
          message: `'${uses}' is no stage: it has no ${word}.ts (or .js, .mts, .mjs)`,
          hint: `'${initCommand(folder)}' writes what is missing`,
        },
      };
  }
  return { declaration: files.declaration, run: files.run };
}

/** What writes the folder, from where the user is. */
function initCommand(folder: string): string {
  const above = relative(process.cwd(), dirname(folder));
  return `clade init ${above === '' ? '' : `${above} `}--stage ${basename(folder)}`;
}

type Declared =
  | { readonly declaration: StageDeclaration; readonly bundle: Bundle }
  | { readonly fault: StageFault };

async function loadDeclaration(request: StageRequest, file: string): Promise<Declared> {
  const { uses, folder } = request;
  const mark = newMark();
  let bundle: Bundle;
  try {
    bundle = await bundleDeclaration(request, file, mark);
  } catch (error) {
    return { fault: explainBuild(error, request) };
  }
  const evaluation = await evaluateDeclaration(bundle.text, mark, folder);
  if (evaluation.status === 'failed') {
    const place = placeInStack(evaluation.stack ?? '', file);
    const hint = 'a declaration is data: it is evaluated by itself, and reads nothing';
    return { fault: { message: `${uses}/${file}${place}: ${evaluation.message.split('\n')[0]}`, hint } };
  }
  const given = evaluation.value as OwnStageDeclaration;
  const fault = request.check(given, uses);
  if (fault) return { fault: { ...fault, message: `${uses}/${file}: ${fault.message}` } };
  return { declaration: completeDeclaration(uses, given), bundle };
}

/** `:3:7` of the first line of a stack that is in the file; nothing where none is. */
function placeInStack(stack: string, file: string): string {
  const line = stack.split('\n').find((text) => text.includes(file));
  return (line && /:\d+:\d+(?=\)?$)/.exec(line)?.[0]) ?? '';
}

function checkExports(
  { uses }: StagePlace,
  file: string,
  { each, workload }: StageDeclaration,
  { metafile, text }: Bundle,
): StageFault | null {
  const { exports } = Object.values(metafile.outputs)[0];
  const needs: [string, string][] = [
    ['default', "'export default run': a function (context) => result"],
    ...(each
      ? [
          ['mapped', "a declaration with 'each' has items: 'export const mapped: MappedStage = …'"] as [
            string,
            string,
          ],
        ]
      : []),
    ...(workload
      ? [['workload', "a declaration with 'workload' has a function of that name"] as [string, string]]
      : []),
  ];
  for (const [name, hint] of needs) {
    if (!exports.includes(name))
      return {
        message: `${uses}/${file} has no ${name === 'default' ? 'default export' : `export '${name}'`}`,
        hint,
      };
  }
  const kind = kindOfDefault(text);
  return kind === null
    ? null
    : { message: `${uses}/${file}: its default export must be a function, not ${kind}`, hint: needs[0][1] };
}

/** What the text of a bundle shows its default export to be, where that is no function; null where it may be one. */
function kindOfDefault(text: string): string | null {
  const local = /(\S+) as default\b/.exec(/export \{[^{}]*\};\s*(?:\/\/#.*\s*)?$/.exec(text)?.[0] ?? '')?.[1];
  if (local === undefined) return null;
  const name = local.replaceAll('$', '\\$');
  const value = new RegExp(`^(?:var|let|const) ${name} = (.)`, 'm').exec(text)?.[1];
  if (new RegExp(`^(?:var ${name} = )?class\\b`, 'm').test(text) && value === undefined) return null;
  if (value === '{') return 'an object';
  if (value === '[') return 'a list';
  if (value !== undefined && /["'`]/.test(value)) return 'text';
  if (value !== undefined && /\d/.test(value)) return 'a number';
  return null;
}

/** A name that `clade/stage` does not have would be found out only when the worker imports the module. */
function checkLibrary({ uses, digests }: StageRequest, { imports }: CodeClosure): StageFault | null {
  const unknown = (imports.get(LIBRARY) ?? []).find((name) => name !== '*' && !(name in digests));
  if (unknown === undefined) return null;
  return {
    message: `${uses} imports '${unknown}' from '${LIBRARY}', which has no such export`,
    hint: `it has ${Object.keys(digests).join(', ')}`,
  };
}

/** What is imported of `clade/stage` counts as the code behind it: an upgrade reruns what it changes. */
function libraryModules({ digests }: StageRequest, { imports }: CodeClosure) {
  const names = imports.get(LIBRARY) ?? [];
  const used = names.includes('*') ? Object.keys(digests) : names;
  return [...used].sort(byCodeUnit).map((name) => ({ name: `${LIBRARY}: ${name}`, digest: digests[name] }));
}

/** Bundles are named by their content: a worker that has imported one never takes it for another. */
function keepBundle(cache: string, digest: Digest, text: string): string {
  const file = join(cache, `${digest}.mjs`);
  if (lookAt(file) !== digest) {
    mkdirSync(cache, { recursive: true });
    const temporary = `${file}.${randomUUID()}`;
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  }
  return file;
}

/**
 * All that decided what came out: own modules, the names beside them (another file may come to stand for
 * an import), what the package.json files above say, and the packages that are imported.
 */
function lookedAt(
  { folder }: StagePlace,
  bundles: readonly Bundle[],
  { packages }: CodeClosure,
): StageRecord['looked'] {
  const paths = new Set<string>([folder]);
  for (const file of bundles.flatMap((bundle) => inputsOf(bundle, folder))) {
    const above = foldersAbove(file);
    const inPackage = file.split(sep).includes('node_modules');
    if (!inPackage) {
      paths.add(file);
      paths.add(dirname(file));
    }
    for (const one of above) paths.add(join(one, 'package.json'));
    if (!inPackage)
      for (const name of packages)
        for (const one of above) paths.add(join(one, 'node_modules', name, 'package.json'));
  }
  const sorted = [...paths].sort((a, b) => byCodeUnit(relative(folder, a), relative(folder, b)));
  return Object.fromEntries(sorted.map((path) => [path, lookAt(path)]));
}

import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type BuildFailure,
  type BuildOptions,
  build,
  type Message,
  type Metafile,
  type Plugin,
  stop,
} from 'esbuild';
import type { StageFault } from '../../core/declaration.ts';
import { evaluationEntry } from './evaluate-declaration.ts';

/** What a stage of the user's imports of clade: types, readers and writers of what stages hand on, `fail`. */
export const LIBRARY = 'clade/stage';

export interface Bundle {
  readonly text: string;
  readonly metafile: Metafile;
}

export interface StagePlace {
  /** The stage's folder, absolute. */
  readonly folder: string;
  /** As the pipeline file names it: for messages. */
  readonly uses: string;
  /** The module behind `clade/stage`, absolute. */
  readonly library: string;
}

const COMMON: BuildOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  write: false,
  metafile: true,
  legalComments: 'none',
  logLevel: 'silent',
  // What a tsconfig.json says elsewhere (paths, decorators) must not decide what a stage is.
  tsconfigRaw: {},
};

/** The declaration with all that it imports, in a module that says what it evaluates to. @throws BuildFailure */
export async function bundleDeclaration(place: StagePlace, file: string, mark: string): Promise<Bundle> {
  return call({
    ...COMMON,
    absWorkingDir: place.folder,
    stdin: {
      contents: evaluationEntry(`./${file}`, mark),
      resolveDir: place.folder,
      sourcefile: 'evaluate.js',
    },
    sourcemap: 'inline',
    sourcesContent: false,
    sourceRoot: pathToFileURL(join(place.folder, sep)).href,
    banner: { js: REQUIRE },
    plugins: [outsideModules(place)],
  });
}

/** The module that a worker imports: own modules in one, packages by their places, powers by the pinned function. @throws BuildFailure */
export async function bundleModule(place: StagePlace, file: string): Promise<Bundle> {
  return call({
    ...COMMON,
    absWorkingDir: place.folder,
    entryPoints: [join(place.folder, file)],
    supported: { 'exponent-operator': false },
    sourcemap: 'inline',
    sourcesContent: false,
    sourceRoot: pathToFileURL(join(place.folder, sep)).href,
    banner: { js: REQUIRE },
    plugins: [outsideModules(place)],
  });
}

/** CommonJS modules inside an ES bundle still call require. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

async function call(options: BuildOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build(options);
  return { text: outputFiles![0].text, metafile: metafile! };
}

/** Packages stay where they are installed, by absolute URL: the bundle lies elsewhere. */
function outsideModules({ library }: StagePlace): Plugin {
  const asking = Symbol();
  return {
    name: 'outside-modules',
    setup({ onResolve, resolve }) {
      onResolve({ filter: new RegExp(`^${LIBRARY}$`) }, () => ({
        path: pathToFileURL(library).href,
        external: true,
      }));
      onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === asking || /^[A-Za-z]:[\\/]/.test(path)) return null;
        const found = await resolve(path, { kind, importer, resolveDir, pluginData: asking });
        if (found.errors.length > 0) return { errors: found.errors };
        return found.external || /^(node|data):/.test(path)
          ? { path, external: true }
          : { path: pathToFileURL(found.path).href, external: true };
      });
    },
  };
}

/** Ends the bundler's process: a run may go on for hours after. */
export async function endBundler(): Promise<void> {
  await stop();
}

/** esbuild's first complaint, with its place. */
export function explainBuild(error: unknown, { uses, folder }: StagePlace): StageFault {
  const [first, ...others] = (error as BuildFailure).errors ?? [];
  if (!first) throw error;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return { message: `${placeText(first, uses, folder)}: ${sentence(first.text)}${more}`, hint: cure(first) };
}

function placeText({ location }: Message, uses: string, folder: string): string {
  if (!location) return uses;
  const file = relative(folder, join(folder, location.file)).split(sep).join('/');
  return `${uses}/${file}:${location.line}:${location.column + 1}`;
}

function cure({ text, notes }: Message): string | undefined {
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  if (missing !== undefined)
    return /^[./]/.test(missing)
      ? 'an import names a file with its ending, from the file that imports it'
      : `install it where the stage is: npm install ${missing}`;
  return notes[0] && sentence(notes[0].text);
}

function sentence(text: string): string {
  return text.replace(/\\?"([^"\\]+)\\?"/g, "'$1'");
}

/** Absolute folders of the user's own modules in a bundle, and what of packages lies in it. */
export function inputsOf({ metafile }: Bundle, folder: string): string[] {
  return Object.keys(metafile.inputs)
    .filter((path) => !path.startsWith('<') && path !== 'evaluate.js')
    .map((path) => join(folder, path));
}

/** All folders above a path, nearest first. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === dirname(folder)) return folders;
  }
}

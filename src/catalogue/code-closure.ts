import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build, transform } from 'esbuild';
import type { CodeModule } from '../core/declaration.ts';
import { digestBytes, digestOf } from '../core/digest.ts';
import { byCodeUnit } from '../core/json.ts';

export interface CodeClosure {
  /** Digest over all modules with their names. */
  readonly code: string;
  readonly modules: readonly CodeModule[];
  /** Names of the packages that it imports. */
  readonly packages: readonly string[];
  /** What is imported of the modules outside, by module; '*' for all of it. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

/**
 * The code that can decide what a module's default export computes: every module that is left of its
 * imports after tree-shaking, each digested without comments, types and whitespace, so that a
 * comment, or a function that nobody here calls, reruns nothing, and an edited helper does.
 * Packages count by name and version.
 * @param entry absolute path of the module, or its text and the folder that it imports from.
 * @param root absolute folder that module names are relative to.
 * @param outside modules that do not count as packages: the caller counts what is imported of them.
 */
export async function digestCodeClosure(
  entry: string | { readonly text: string; readonly folder: string },
  root: string,
  outside: readonly string[] = [],
): Promise<CodeClosure> {
  const bundle = await build({
    ...CLOSURE_BUILD,
    ...(typeof entry === 'string'
      ? { entryPoints: [entry] }
      : { stdin: { contents: entry.text, resolveDir: entry.folder, sourcefile: 'entry.ts', loader: 'ts' } }),
    absWorkingDir: root,
    write: false,
    metafile: true,
  });
  const output = Object.values(bundle.metafile.outputs)[0];
  const kept = Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
  const { text, exported } = takeExports(bundle.outputFiles[0].text);
  const texts = splitByModule(text, kept);
  // One that only hands on what others export leaves no text of its own.
  const all = [...new Set([...kept, output.entryPoint!])];
  const own = await Promise.all(
    all.map(async (path) => ({
      name: path,
      digest: digestOf('module', {
        text: await digestModule(texts.get(path) ?? ''),
        exported: path === output.entryPoint ? exported : '',
      }),
    })),
  );
  const packages = packagesOf(output.imports, outside);
  const importer = typeof entry === 'string' ? entry : join(entry.folder, 'entry.ts');
  const modules = [...own, ...packages.map((name) => packageModule(name, importer))].sort((a, b) =>
    byCodeUnit(a.name, b.name),
  );
  return {
    code: digestModules(modules),
    modules,
    packages,
    imports: new Map(outside.map((module) => [module, namesImported(text, module)])),
  };
}

/** Of a whole closure. */
export function digestModules(modules: readonly CodeModule[]): string {
  return digestOf(
    'code-closure',
    modules.map(({ name, digest }) => ({ name, digest })),
  );
}

const CLOSURE_BUILD: BuildOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  legalComments: 'none',
  treeShaking: true,
  logLevel: 'silent',
  // What a tsconfig.json beside the code says must not decide what the code is.
  tsconfigRaw: {},
};

/**
 * The bundle's last statement says what the entry exports, in the words of whichever modules declare it: it is
 * the entry's, and would not stand alone beside the text of the module it happens to follow.
 */
function takeExports(bundle: string): { text: string; exported: string } {
  const clause = /(?:^|\n)export \{[^{}]*\};\s*$/.exec(bundle);
  if (!clause) return { text: bundle, exported: '' };
  return { text: bundle.slice(0, clause.index), exported: clause[0].replace(/\s+/g, ' ').trim() };
}

/** esbuild writes `// path` on a line of its own before each module's part; without any, all is the entry's. */
function splitByModule(text: string, paths: readonly string[]): Map<string, string> {
  const markers = new Map(paths.map((path) => [`// ${path}`, path]));
  const parts = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split('\n')) {
    const path = markers.get(line);
    if (path !== undefined) {
      current = parts.get(path) ?? [];
      parts.set(path, current);
    } else {
      current.push(line);
    }
  }
  return new Map([...parts].map(([path, lines]) => [path, lines.join('\n')]));
}

async function digestModule(text: string): Promise<string> {
  const { code } = await transform(text, {
    minifyWhitespace: true,
    legalComments: 'none',
    format: 'esm',
    treeShaking: false,
  });
  return digestBytes(code);
}

function packagesOf(
  imports: readonly { path: string; external?: boolean }[],
  outside: readonly string[],
): string[] {
  const names = imports
    .filter(({ path, external }) => external && !path.startsWith('node:') && !path.startsWith('.'))
    .filter(({ path }) => !outside.includes(path))
    .map(({ path }) =>
      path
        .split('/')
        .slice(0, path.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)];
}

function packageModule(name: string, importer: string): CodeModule {
  const version = packageVersion(name, importer);
  return { name: `npm:${name}@${version}`, digest: digestOf('package', { name, version }) };
}

/** Names in the import and export statements of a bundle that esbuild printed. */
function namesImported(bundle: string, module: string): string[] {
  const statement = new RegExp(`^(?:import|export) ([^'";]*) from "${module}"`, 'gm');
  const names = [...bundle.matchAll(statement)].flatMap(([, clause]) => {
    const list = /\{([^}]*)\}/.exec(clause)?.[1];
    if (clause.includes('*')) return ['*'];
    const named = (list ?? '').split(',').map((part) => part.trim().split(/\s+/)[0]);
    return [...(list === undefined || /^\w/.test(clause) ? ['default'] : []), ...named];
  });
  return [...new Set(names.filter((name) => name !== ''))];
}

function packageVersion(name: string, importer: string): string {
  for (const base of createRequire(importer).resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(join(base, name, 'package.json'), 'utf8')) as { version: string })
        .version;
    } catch {
      // not in this node_modules: look one further up
    }
  }
  return 'unknown';
}

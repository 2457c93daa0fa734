// Where an engine's pieces lie, found without loading any of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface EnginePlaces {
  /** `kernels.wasm`; null before the build. */
  readonly kernels: string | null;
  /** tfjs-core's version. */
  readonly tfjsVersion: string;
  readonly tensorflow: {
    /** Folder of @tensorflow/tfjs-node-gpu; null where it is not installed. */
    readonly package: string | null;
    readonly binding: string | null;
    /** TensorFlow's own library. */
    readonly library: string | null;
  };
}

export function findPlaces(): EnginePlaces {
  const tfjs = packageFolder('@tensorflow/tfjs-core');
  const node = packageFolder('@tensorflow/tfjs-node-gpu');
  return {
    kernels: findKernels(dirname(fileURLToPath(import.meta.url))),
    tfjsVersion: tfjs ? (JSON.parse(readFileSync(join(tfjs, 'package.json'), 'utf8')).version as string) : '',
    tensorflow: {
      package: node,
      binding: node && findBinding(node),
      library: node && findLibrary(node),
    },
  };
}

/** Folder of an installed package, or null. */
function packageFolder(name: string): string | null {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

/** Beside the bundle, above its chunks, or in `dist` above the sources. */
function findKernels(start: string): string | null {
  for (let folder = start, depth = 0; depth < 4; depth++, folder = dirname(folder)) {
    for (const path of [join(folder, 'kernels.wasm'), join(folder, 'dist', 'kernels.wasm')]) {
      if (existsSync(path)) return path;
    }
  }
  return null;
}

function findBinding(folder: string): string | null {
  const versions = entriesOf(join(folder, 'lib')).filter((name) => name.startsWith('napi-v'));
  return firstExisting(versions.map((name) => join(folder, 'lib', name, 'tfjs_binding.node')));
}

/** tfjs-node links against `deps/lib`; on Windows the library lies beside the binding. */
function findLibrary(folder: string): string | null {
  const folders = [
    join(folder, 'deps', 'lib'),
    ...entriesOf(join(folder, 'lib')).map((name) => join(folder, 'lib', name)),
  ];
  const names = ['libtensorflow.so', 'libtensorflow.dylib', 'libtensorflow.2.dylib', 'tensorflow.dll'];
  return firstExisting(folders.flatMap((path) => names.map((name) => join(path, name))));
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function firstExisting(paths: readonly string[]): string | null {
  return paths.find((path) => existsSync(path)) ?? null;
}

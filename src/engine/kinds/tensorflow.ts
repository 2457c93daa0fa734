import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type EngineKind, unavailable } from '../engine-kind.ts';
import { packageFolder } from '../places.ts';

/** Where the pieces lie, found without loading any of them. */
export interface TensorflowPlaces {
  /** Folder of @tensorflow/tfjs-node-gpu; null where it is not installed. */
  readonly package: string | null;
  readonly binding: string | null;
  /** TensorFlow's own library. */
  readonly library: string | null;
}

export const tensorflow = createTensorflowKind(findTensorflow);

/** The kind, with what finds its pieces. */
export function createTensorflowKind(find: () => TensorflowPlaces): EngineKind {
  return {
    name: 'tensorflow',
    probe({ tfjsVersion, sources }) {
      const { package: folder, binding, library } = find();
      if (!folder) {
        return unavailable(
          'tensorflow',
          '@tensorflow/tfjs-node-gpu is not installed.',
          'Install it: npm install @tensorflow/tfjs-node-gpu@4.22.0.',
        );
      }
      if (!library) {
        return unavailable(
          'tensorflow',
          "@tensorflow/tfjs-node-gpu is installed without TensorFlow's library (libtensorflow), which its install script downloads.",
          'Where downloads are allowed: npm rebuild @tensorflow/tfjs-node-gpu.',
        );
      }
      if (!binding) {
        return unavailable(
          'tensorflow',
          "TensorFlow's library is there, but the binding to it (tfjs_binding.node) is not.",
          'Build it: npm rebuild @tensorflow/tfjs-node-gpu --build-addon-from-source.',
        );
      }
      const version = libraryVersion(library) ?? `with tfjs-node ${tfjsVersion}`;
      return {
        name: 'tensorflow',
        available: true,
        why: `TensorFlow ${version} is installed; results differ between machines in the last digits.`,
        cure: null,
        identity: { name: 'tensorflow', version, kernels: sources['tensorflow'] ?? '' },
      };
    },
    async open(identity, { threads }) {
      const { openTensorflowEngine } = await import('../tensorflow-engine.ts');
      return openTensorflowEngine(identity, threads);
    },
  };
}

export function findTensorflow(): TensorflowPlaces {
  const folder = packageFolder('@tensorflow/tfjs-node-gpu');
  return { package: folder, binding: folder && findBinding(folder), library: folder && findLibrary(folder) };
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

/** From `libtensorflow.so.2.9.1`, from the header beside it, or from the Python package that it belongs to. */
function libraryVersion(library: string): string | null {
  const real = realpathSync(library);
  const inName = /(\d+\.\d+\.\d+)/.exec(basename(real));
  if (inName) return inName[1];
  const headerPath = join(dirname(library), '../include/tensorflow/core/public/version.h');
  const header = existsSync(headerPath) ? readFileSync(headerPath, 'utf8') : '';
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    (name) => new RegExp(`#define TF_${name}_VERSION (\\d+)`).exec(header)?.[1],
  );
  return parts.includes(undefined) ? wheelVersion(dirname(dirname(real))) : parts.join('.');
}

/** pip leaves `tensorflow-2.21.0.dist-info`, or `tensorflow_cpu-…`, beside the package's folder. */
function wheelVersion(sitePackages: string): string | null {
  for (const name of readdirSync(sitePackages).sort()) {
    const version = /^tensorflow(?:_cpu|_intel|_macos|_rocm)?-(\d+\.\d+\.\d+\S*)\.dist-info$/.exec(name);
    if (version) return version[1];
  }
  return null;
}

// Where the pieces of the tensorflow engine lie, found without loading any of them.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { packageFolder, packageVersion } from '../places.ts';
import { enginesFolder, findChange, listInstallations } from './installation.ts';

export type Located =
  | {
      readonly found: true;
      readonly binding: string;
      readonly version: string;
      /** Which TensorFlow it is, for people. */
      readonly origin: string;
      /** What kind of GPU it was built for. */
      readonly gpu: 'cuda' | 'rocm' | null;
    }
  | { readonly found: false; readonly why: string; readonly cure: string };

export interface TensorflowPlaces {
  /** Folder of @tensorflow/tfjs-node-gpu; null where it is not installed. */
  readonly tfjsNode: string | null;
  /** Where `clade engine install` puts bindings. */
  readonly engines: string;
}

export function tensorflowPlaces(): TensorflowPlaces {
  return { tfjsNode: packageFolder('@tensorflow/tfjs-node-gpu'), engines: enginesFolder() };
}

/** What was installed by clade comes first, then what tfjs-node's own install script has downloaded. */
export function locateTensorflow({ tfjsNode, engines }: TensorflowPlaces): Located {
  if (!tfjsNode) {
    return missing(
      '@tensorflow/tfjs-node-gpu is not installed.',
      'It comes with clade unless optional packages are left out: npm install --include=optional, where clade is installed.',
    );
  }
  const { active } = listInstallations(engines);
  if (!active) return locateDownload(tfjsNode);
  const { tensorflow, tfjsNode: compiledFrom } = active.installation;
  const again = 'clade engine install tensorflow';
  const change = findChange(active.installation);
  if (change) {
    const elsewhere = existsSync(tensorflow.python)
      ? ` --python ${tensorflow.python}`
      : ' --python PATH, or --venv';
    return missing(change, `Install the engine again: ${again}${elsewhere}.`);
  }
  if (compiledFrom !== packageVersion(tfjsNode)) {
    return missing(
      `the binding was compiled from tfjs-node ${compiledFrom}, and ${packageVersion(tfjsNode)} is installed now.`,
      `Install the engine again: ${again} --python ${tensorflow.python}.`,
    );
  }
  return {
    found: true,
    binding: active.binding,
    version: tensorflow.version,
    origin: `of ${tensorflow.python}`,
    gpu: tensorflow.gpu,
  };
}

function locateDownload(folder: string): Located {
  const library = findLibrary(folder);
  const binding = findBinding(folder);
  if (!library || !binding) {
    return missing(
      'no TensorFlow has been installed for it.',
      'Install it: clade engine install tensorflow (from a Python environment that has TensorFlow), or with --venv (from PyPI).',
    );
  }
  return {
    found: true,
    binding,
    version: downloadedVersion(library) ?? `with tfjs-node ${packageVersion(folder)}`,
    origin: 'that tfjs-node has downloaded',
    gpu: process.platform === 'darwin' ? null : 'cuda',
  };
}

function missing(why: string, cure: string): Located {
  return { found: false, why, cure };
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

/** From `libtensorflow.so.2.9.1`, or from the header beside it. */
function downloadedVersion(library: string): string | null {
  const inName = /(\d+\.\d+\.\d+)/.exec(basename(realpathSync(library)));
  if (inName) return inName[1];
  const header = join(dirname(library), '../include/tensorflow/core/public/version.h');
  const text = existsSync(header) ? readFileSync(header, 'utf8') : '';
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    (name) => new RegExp(`#define TF_${name}_VERSION (\\d+)`).exec(text)?.[1],
  );
  return parts.includes(undefined) ? null : parts.join('.');
}

// What all engines share, found without loading any of it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface EnginePlaces {
  /** `kernels.wasm`; null before the build. */
  readonly kernels: string | null;
  /** tfjs-core's version. */
  readonly tfjsVersion: string;
  /** Digest of our own TypeScript of each engine but wasm, whose own is in `kernels.wasm`; empty before the build. */
  readonly sources: { readonly [engine: string]: string };
}

export function findPlaces(): EnginePlaces {
  const tfjs = packageFolder('@tensorflow/tfjs-core');
  const kernels = findKernels(dirname(fileURLToPath(import.meta.url)));
  const sources = kernels && join(dirname(kernels), 'engine-sources.json');
  return {
    kernels,
    tfjsVersion: tfjs ? packageVersion(tfjs) : '',
    sources: sources && existsSync(sources) ? JSON.parse(readFileSync(sources, 'utf8')) : {},
  };
}

/** Folder of an installed package, or null. */
export function packageFolder(name: string): string | null {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

export function packageVersion(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
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

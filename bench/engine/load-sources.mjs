// Benchmarks run on today's sources: each entry is bundled anew, packages stay outside.
import { mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
// Below node_modules, so that the bundle finds its packages and git does not see it.
const folder = await mkdtemp(join(root, 'node_modules/.bench-'));

/** All exports of a TypeScript module of this repository. */
export async function loadSource(path) {
  const outfile = join(folder, `${path.replace(/\W+/g, '-')}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [path],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  return import(pathToFileURL(outfile).href);
}

/** Path of freshly built kernels. */
export async function freshKernels() {
  const path = join(folder, 'kernels.wasm');
  const { buildKernels } = await import('../../scripts/build-kernels.mjs'); // a compiler, which few need
  await buildKernels(path);
  return path;
}

export { folder as benchFolder };

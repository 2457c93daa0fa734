import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKernels } from '../../../scripts/build-kernels.mjs';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Path of `kernels.wasm` built from today's sources, so that no test runs on an old build. */
export async function builtKernels(): Promise<string> {
  const folder = join(tmpdir(), 'clade-test-kernels');
  const path = join(folder, `${digestOfSources()}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    await buildKernels(unfinished);
    renameSync(unfinished, path);
  }
  return path;
}

function digestOfSources(): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'scripts/build-kernels.mjs')));
  // The kernels carry the digest of the engine's TypeScript, which bundles parts of core.
  for (const folder of ['src/core', 'src/engine']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(root, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

// The training kernels for tfjs's wasm backend as a package of their own: what `npm publish` would take.
//   node scripts/pack-kernels.mjs [DIR]     writes DIR/tfjs-wasm-training-kernels-VERSION.tgz, and prints its path
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { buildKernels } from './build-kernels.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src/engine/wasm');
const target = resolve(process.argv[2] ?? '.');

const folder = await mkdtemp(join(tmpdir(), 'pack-kernels-'));
try {
  await build({
    entryPoints: [join(source, 'register-kernels.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    format: 'esm',
    platform: 'neutral', // Node, and by a bundler browsers
    target: 'es2022',
    packages: 'external',
    external: ['node:*'],
  });
  const { outputText } = ts.transpileDeclaration(
    await readFile(join(source, 'register-kernels.ts'), 'utf8'),
    {},
  );
  await writeFile(join(folder, 'index.d.ts'), outputText);
  await buildKernels(join(folder, 'kernels.wasm'));
  await copyFile(join(source, 'package.json'), join(folder, 'package.json'));
  await copyFile(join(source, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  await mkdir(target, { recursive: true });
  const packed = spawnSync('npm', ['pack', '--json', '--pack-destination', target], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32', // npm is a script there
  });
  if (packed.status !== 0) throw new Error(packed.stderr);
  process.stdout.write(`${join(target, JSON.parse(packed.stdout)[0].filename)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

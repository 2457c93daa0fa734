// Compiles src/engine/wasm/assembly to one WebAssembly module by AssemblyScript's own compiler.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Writes the kernels to `outFile`. The same sources and compilers give the same bytes, whose digest is
 * part of the engine's identity. The digest of the engine's TypeScript goes into the module as a custom
 * section, since what it hands to the kernels decides results as much as they do.
 */
export async function buildKernels(outFile) {
  const outputs = new Map();
  const { error, stderr } = await asc.main(
    [
      'src/engine/wasm/assembly/index.ts',
      '--outFile',
      'kernels.wasm',
      '--runtime',
      'stub', // nothing is allocated
      '--importMemory', // tfjs's memory, or one of ours
      '--initialMemory',
      '1',
      '--noAssert',
      '--noExportMemory',
      '--enable',
      'simd', // not relaxed-simd: strict IEEE everywhere
      '--disable',
      'mutable-globals',
      '-O3',
      '--disableWarning',
      '201', // mixing usize and i32, which differ only where memory is larger than 4 GiB
      '--baseDir',
      root,
    ],
    { writeFile: (name, contents) => void outputs.set(name, contents) },
  );
  if (error) throw new Error(`the kernels do not compile: ${error.message}\n${stderr.toString()}`);
  const bytes = outputs.get('kernels.wasm');
  await mkdir(dirname(resolve(outFile)), { recursive: true });
  await writeFile(
    outFile,
    Buffer.concat([bytes, customSection('clade-engine-source', await digestOfSource('wasm'))]),
  );
}

/** Writes what of our own decides results on the engines that have no kernels: engine → hexadecimal digest. */
export async function writeEngineSources(outFile, engines) {
  const digests = {};
  for (const name of engines) digests[name] = (await digestOfSource(name)).toString('hex');
  await writeFile(outFile, `${JSON.stringify(digests)}\n`);
}

/** Of all that the engine bundles, comments and whitespace gone, packages by name alone. */
async function digestOfSource(engine) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/engine/${engine}-engine.ts`],
    bundle: true,
    write: false,
    outdir: 'dist',
    format: 'esm',
    platform: 'node',
    packages: 'external',
    minifyWhitespace: true,
    legalComments: 'none',
  });
  const hash = createHash('sha256');
  for (const { contents } of outputFiles) hash.update(createHash('sha256').update(contents).digest());
  return hash.digest();
}

/** A section that WebAssembly engines skip: id 0, its size, its name's length, its name, its content. */
function customSection(name, content) {
  const body = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), content]);
  if (body.length > 127) throw new Error('a longer section needs a size of several bytes');
  return Buffer.concat([Buffer.from([0, body.length]), body]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildKernels(process.argv[2] ?? join(root, 'dist/kernels.wasm'));
}

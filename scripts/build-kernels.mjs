// Compiles src/engine/wasm/assembly to one WebAssembly module by AssemblyScript's own compiler.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Writes the kernels to `outFile`. The same sources and compiler give the same bytes, whose digest is
 * part of the engine's identity.
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
      '--baseDir',
      root,
    ],
    { writeFile: (name, contents) => void outputs.set(name, contents) },
  );
  if (error) throw new Error(`the kernels do not compile: ${error.message}\n${stderr.toString()}`);
  const bytes = outputs.get('kernels.wasm');
  await mkdir(dirname(resolve(outFile)), { recursive: true });
  await writeFile(outFile, bytes);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildKernels(process.argv[2] ?? join(root, 'dist/kernels.wasm'));
}

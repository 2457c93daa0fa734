// On what `clade engine install tensorflow` has left, and with its Python.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { packageFolder } from '../../src/engine/places.ts';
import { inspectPython } from '../../src/engine/tensorflow/inspect-python.ts';
import { enginesFolder, listInstallations } from '../../src/engine/tensorflow/installation.ts';
import { temporaryFolder } from '../support/clade.ts';

const { active } = listInstallations(enginesFolder());
const place = temporaryFolder();
afterAll(() => place.remove());
afterEach(() => vi.unstubAllEnvs());

/** A package `tensorflow` of that version that hides the real one, with the given files. */
function hide(name: string, version: string, files: Record<string, string>): string {
  const folder = join(place.path, name);
  const all = {
    'tensorflow/__init__.py': 'raise SystemExit("TensorFlow must not be loaded to be found")',
    [`tensorflow-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: tensorflow\nVersion: ${version}\n`,
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

describe('the installation', () => {
  it('is of the TensorFlow that its Python has, and wrote nothing into node_modules', async () => {
    const { tensorflow } = active!.installation;
    expect(await inspectPython(tensorflow.python)).toEqual(tensorflow);
    expect(existsSync(tensorflow.library)).toBe(true);
    const tfjsNode = packageFolder('@tensorflow/tfjs-node-gpu')!;
    for (const name of ['lib', 'deps', 'build']) expect(existsSync(join(tfjsNode, name)), name).toBe(false);
  });

  it('loads the library from the wheel’s real folder, by which CUDA’s are found', () => {
    if (process.platform !== 'linux') return;
    const { tensorflow } = active!.installation;
    const linked = execFileSync('ldd', [active!.binding], { encoding: 'utf8' });
    expect(linked).toContain(`libtensorflow_cc.so.2 => ${tensorflow.library}`);
  });
});

describe('what Python is asked', () => {
  it('finds a wheel for CUDA without loading it', async () => {
    const folder = hide('cuda', '2.18.0', {
      'tensorflow/libtensorflow_cc.so.2': '',
      'tensorflow/libtensorflow_framework.so.2': '',
      'tensorflow/include/tensorflow/c/c_api.h': '',
      'tensorflow/python/platform/build_info.py':
        "build_info = collections.OrderedDict([('cpu_compiler', 'clang'), ('is_cuda_build', True), ('is_rocm_build', False)])\n",
    });
    vi.stubEnv('PYTHONPATH', folder);
    expect(await inspectPython(active!.installation.tensorflow.python)).toMatchObject({
      version: '2.18.0',
      gpu: 'cuda',
      include: join(folder, 'tensorflow/include'),
    });
  });

  it('misses the C library in a package that comes without it', async () => {
    vi.stubEnv('PYTHONPATH', hide('bare', '2.18.0', {}));
    await expect(inspectPython(active!.installation.tensorflow.python)).rejects.toThrow(
      /without its C headers/,
    );
  });
});

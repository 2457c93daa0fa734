import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findPython, inspectPython } from '../../../../src/engine/tensorflow/inspect-python.ts';
import { temporaryFolder } from '../../../support/clade.ts';
import { makeFakePython, writeScript } from '../../../support/engine/fake-tensorflow.ts';

const place = temporaryFolder();
afterAll(() => place.remove());
const at = (...names: string[]) => join(place.path, ...names);
const told = (message: RegExp) => ({
  failure: { reason: 'engine-unavailable', message: expect.stringMatching(message) },
});
const thrownBy = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('findPython', () => {
  const onPath = writeScript(at('path', 'python3'), 'true');
  const inVenv = writeScript(at('venv', 'bin', 'python3'), 'true');
  const inConda = writeScript(at('conda', 'bin', 'python'), 'true');
  const PATH = at('path');

  it('takes the one asked for, then the virtual environment’s, conda’s, and that on the path', () => {
    const env = { PATH, VIRTUAL_ENV: at('venv'), CONDA_PREFIX: at('conda') };
    expect(findPython(inConda, env)).toBe(inConda);
    expect(findPython('python3', env)).toBe(onPath);
    expect(findPython(null, env)).toBe(inVenv);
    expect(findPython(null, { PATH, CONDA_PREFIX: at('conda') })).toBe(inConda);
    expect(findPython(null, { PATH })).toBe(onPath);
  });

  it('names what is missing, and never takes another than was meant', () => {
    expect(thrownBy(() => findPython(at('nowhere/python'), { PATH }))).toMatchObject(
      told(/no Python at .*nowhere.*--python/),
    );
    expect(thrownBy(() => findPython(null, { PATH, VIRTUAL_ENV: at('gone') }))).toMatchObject(
      told(/VIRTUAL_ENV says .*gone.*deactivate/),
    );
    expect(thrownBy(() => findPython(null, { PATH: at('empty') }))).toMatchObject(
      told(/no Python here: install Python/),
    );
  });
});

describe('inspectPython', () => {
  it('reads the answer among whatever else is printed', async () => {
    const python = makeFakePython(at('good'), { version: '2.21.0', gpu: 'cuda' });
    expect(await inspectPython(python)).toEqual({
      python,
      version: '2.21.0',
      library: at('good/lib/tensorflow/libtensorflow_cc.so.2'),
      framework: at('good/lib/tensorflow/libtensorflow_framework.so.2'),
      include: at('good/lib/tensorflow/include'),
      gpu: 'cuda',
    });
  });

  it('says how to get TensorFlow where that Python has none', async () => {
    const python = makeFakePython(at('bare'), { version: null });
    await expect(inspectPython(python)).rejects.toMatchObject(
      told(/Python 3\.11\.7\) has no TensorFlow: .*pip install tensorflow-cpu.*--venv/),
    );
  });

  it('refuses a TensorFlow from before its package held the C library, and takes the first that does', async () => {
    const old = makeFakePython(at('old'), { version: '2.11.1' });
    await expect(inspectPython(old)).rejects.toMatchObject(told(/TensorFlow 2\.11\.1; clade needs 2\.12/));
    const first = makeFakePython(at('first'), { version: '2.12.0' });
    expect((await inspectPython(first)).version).toBe('2.12.0');
    const next = makeFakePython(at('next'), { version: '3.0.0-rc1' });
    expect((await inspectPython(next)).version).toBe('3.0.0-rc1');
  });

  it('names the part that another package than PyPI’s may lack', async () => {
    const noLibrary = makeFakePython(at('no-library'), { version: '2.21.0', library: false });
    await expect(inspectPython(noLibrary)).rejects.toMatchObject(told(/without its C library/));
    const noHeaders = makeFakePython(at('no-headers'), { version: '2.21.0', include: false });
    await expect(inspectPython(noHeaders)).rejects.toMatchObject(told(/without its C headers/));
  });

  it('shows what a Python says that does not work, or that it cannot be started', async () => {
    const broken = writeScript(at('broken'), 'echo "ImportError: no encodings" >&2; exit 1');
    await expect(inspectPython(broken)).rejects.toMatchObject(told(/does not work.*\n {2}ImportError/));
    mkdirSync(at('plain'), { recursive: true });
    writeFileSync(at('plain/python3'), 'no program', { mode: 0o644 });
    await expect(inspectPython(at('plain/python3'))).rejects.toMatchObject(
      told(/cannot be started \(EACCES\)/),
    );
  });
});

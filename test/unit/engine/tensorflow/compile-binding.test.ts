import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  compileBinding,
  findCompiler,
  tryBinding,
} from '../../../../src/engine/tensorflow/compile-binding.ts';
import { temporaryFolder } from '../../../support/clade.ts';
import { makeFakeCompiler, writeScript } from '../../../support/engine/fake-tensorflow.ts';

const place = temporaryFolder();
afterAll(() => place.remove());
const at = (...names: string[]) => join(place.path, ...names);
const told = (reason: string, message: RegExp) => ({
  failure: { reason, message: expect.stringMatching(message) },
});
const tensorflow = {
  python: '/env/bin/python3',
  version: '2.21.0',
  library: '/env/lib/tensorflow/libtensorflow_cc.so.2',
  framework: '/env/lib/tensorflow/libtensorflow_framework.so.2',
  include: '/env/lib/tensorflow/include',
  gpu: null,
};
const request = {
  tensorflow,
  tfjsNode: '/packages/tfjs-node-gpu',
  headers: '/packages/node-api-headers/include',
  outFile: at('out.node'),
  temporary: place.path,
};
const compilerThat = async (name: string, how: Parameters<typeof makeFakeCompiler>[1]) =>
  findCompiler({ CXX: makeFakeCompiler(at(name), how) });

describe('findCompiler', () => {
  it('takes what CXX names, words after the first included, and says its version', async () => {
    const CXX = makeFakeCompiler(at('told'), { says: 'nothing' });
    const launcher = writeScript(at('ccache'), 'exec "$@"');
    expect(await findCompiler({ CXX: `${launcher} ${CXX}`, PATH: '/usr/bin:/bin' })).toEqual({
      command: [launcher, CXX],
      version: 'fake-c++ 1.0',
    });
  });

  it('says how to get one where there is none, and does not pass over one that was named', async () => {
    await expect(findCompiler({ PATH: place.path })).rejects.toMatchObject(
      told(
        'engine-unavailable',
        /no C\+\+ compiler here \(tried c\+\+, g\+\+, clang\+\+\): .*(apt install g\+\+|xcode-select)/,
      ),
    );
    await expect(findCompiler({ CXX: '/no/such/c++' })).rejects.toMatchObject(
      told('engine-unavailable', /CXX names does not work \(\/no\/such\/c\+\+\)/),
    );
    const broken = writeScript(
      at('broken-c++'),
      'echo "xcrun: error: invalid active developer path" >&2; exit 1',
    );
    await expect(findCompiler({ CXX: broken })).rejects.toMatchObject(
      told('engine-unavailable', /ended with status 1/),
    );
  });
});

describe('compileBinding', () => {
  it('links to the wheel’s real folder and searches libraries there', async () => {
    await compileBinding(await compilerThat('good', { binding: '/dev/null' }), request);
    const call = readFileSync(at('good/calls.txt'), 'utf8');
    expect(call).toContain('-Xlinker -rpath -Xlinker /env/lib/tensorflow\n');
    expect(call).toContain('/env/lib/tensorflow/libtensorflow_cc.so.2 ');
    expect(call).toContain(
      '-I /packages/node-api-headers/include -I /packages/tfjs-node-gpu -I /env/lib/tensorflow/include',
    );
    expect(call).toContain('-DNAPI_VERSION=8');
  });

  it('shows the compiler’s first error with versions and what is needed', async () => {
    const says =
      'tfjs_backend.cc:27: fatal error: tensorflow/c/tf_datatype.h: No such file\ncompilation terminated.';
    await expect(compileBinding(await compilerThat('bad', { says }), request)).rejects.toMatchObject(
      told(
        'engine-unavailable',
        /TensorFlow 2\.21\.0 with fake-c\+\+ 1\.0 .*C\+\+17.*\n {2}tfjs_backend\.cc:27: fatal error/,
      ),
    );
  });

  it('knows a full disk by what the compiler says of it', async () => {
    const says = 'fatal error: error writing to /tmp/x.s: No space left on device';
    await expect(compileBinding(await compilerThat('full', { says }), request)).rejects.toMatchObject(
      told('out-of-space', /make space, or name another folder by XDG_CACHE_HOME/),
    );
  });
});

describe('tryBinding', () => {
  it('refuses a library that does not load, with what the loader says', async () => {
    const binding = writeScript(at('no-library.node'), 'this is no library');
    await expect(tryBinding(binding, tensorflow)).rejects.toMatchObject(
      told('engine-unavailable', /TensorFlow 2\.21\.0 of \/env\/bin\/python3 does not load/),
    );
  });
});

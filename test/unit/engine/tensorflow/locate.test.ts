import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectPython } from '../../../../src/engine/tensorflow/inspect-python.ts';
import { findPackages } from '../../../../src/engine/tensorflow/install.ts';
import {
  installationKey,
  listInstallations,
  stampOf,
} from '../../../../src/engine/tensorflow/installation.ts';
import { locateTensorflow } from '../../../../src/engine/tensorflow/locate.ts';
import { temporaryFolder } from '../../../support/clade.ts';
import { makeFakePython } from '../../../support/engine/fake-tensorflow.ts';

let place: ReturnType<typeof temporaryFolder>;
const at = (...names: string[]) => join(place.path, ...names);
const places = () => ({ tfjsNode: at('tfjs-node-gpu'), engines: at('engines') });

beforeEach(() => {
  place = temporaryFolder();
  mkdirSync(at('tfjs-node-gpu'));
  writeFileSync(at('tfjs-node-gpu/package.json'), '{ "version": "4.22.0" }');
});
afterEach(() => place.remove());

/** What an install leaves for an environment with that TensorFlow. */
async function leaveInstallation(version = '2.21.0'): Promise<string> {
  const tensorflow = await inspectPython(makeFakePython(at('env'), { version, gpu: 'cuda' }));
  const installation = {
    format: 1,
    tensorflow,
    stamp: stampOf(tensorflow.library),
    tfjsNode: '4.22.0',
    compiler: 'c++',
    madeAt: '2026-01-01T00:00:00.000Z',
  };
  const key = installationKey(installation);
  mkdirSync(at('engines', key), { recursive: true });
  writeFileSync(at('engines', key, 'installation.json'), JSON.stringify(installation));
  writeFileSync(at('engines', key, 'tfjs_binding.node'), 'binding');
  writeFileSync(at('engines/active.json'), JSON.stringify({ key }));
  return key;
}
const missing = (why: RegExp, cure: RegExp) => ({
  found: false,
  why: expect.stringMatching(why),
  cure: expect.stringMatching(cure),
});

describe('locateTensorflow', () => {
  it('finds the binding in use with its version and kind of GPU', async () => {
    const key = await leaveInstallation();
    expect(locateTensorflow(places())).toEqual({
      found: true,
      binding: at('engines', key, 'tfjs_binding.node'),
      version: '2.21.0',
      origin: `of ${at('env/bin/python3')}`,
      gpu: 'cuda',
    });
  });

  it('says how to get the optional package where npm left it out', () => {
    expect(locateTensorflow({ ...places(), tfjsNode: null })).toEqual(
      missing(/tfjs-node-gpu is not installed/, /npm install --include=optional/),
    );
  });

  it('says how to install where nothing has been', () => {
    expect(locateTensorflow(places())).toEqual(
      missing(/no TensorFlow has been installed/, /clade engine install tensorflow/),
    );
  });

  it('notices that the environment was deleted or moved, TensorFlow removed from it, or upgraded', async () => {
    await leaveInstallation();
    const library = at('env/lib/tensorflow/libtensorflow_cc.so.2');
    writeFileSync(library, 'a larger library than before, of another version');
    expect(locateTensorflow(places())).toEqual(
      missing(/no longer the 2\.21\.0/, /install tensorflow --python .*env\/bin\/python3/),
    );
    rmSync(library);
    expect(locateTensorflow(places())).toEqual(missing(/TensorFlow 2\.21\.0 is gone from/, /--python/));
    rmSync(at('env'), { recursive: true });
    expect(locateTensorflow(places())).toEqual(missing(/moved or deleted/, /--python PATH, or --venv/));
  });

  it('notices a library of the same size that was written anew', async () => {
    await leaveInstallation();
    utimesSync(at('env/lib/tensorflow/libtensorflow_cc.so.2'), 1, 1);
    expect(locateTensorflow(places())).toEqual(missing(/no longer the 2\.21\.0/, /engine install/));
  });

  it('notices another tfjs-node than the binding was compiled from', async () => {
    await leaveInstallation();
    writeFileSync(at('tfjs-node-gpu/package.json'), '{ "version": "4.23.0" }');
    expect(locateTensorflow(places())).toEqual(missing(/from tfjs-node 4\.22\.0, and 4\.23\.0/, /again/));
  });

  it('serves nothing of an installation that is not whole', async () => {
    const key = await leaveInstallation();
    writeFileSync(at('engines', key, 'installation.json'), '{ "format": 1, "tens');
    expect(locateTensorflow(places())).toMatchObject({ found: false });
    const next = await leaveInstallation();
    expect(listInstallations(at('engines')).active).toMatchObject({ key: next });
    rmSync(at('engines', next, 'tfjs_binding.node'));
    expect(listInstallations(at('engines')).active).toBeNull();
  });

  it('falls back to the library that tfjs-node’s own install script has downloaded', () => {
    mkdirSync(at('tfjs-node-gpu/deps/lib'), { recursive: true });
    writeFileSync(at('tfjs-node-gpu/deps/lib/libtensorflow.so'), '');
    expect(locateTensorflow(places())).toMatchObject({ found: false }); // there is no binding to it
    mkdirSync(at('tfjs-node-gpu/lib/napi-v8'), { recursive: true });
    writeFileSync(at('tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'), '');
    expect(locateTensorflow(places())).toMatchObject({ found: true, version: 'with tfjs-node 4.22.0' });
    mkdirSync(at('tfjs-node-gpu/deps/include/tensorflow/core/public'), { recursive: true });
    writeFileSync(
      at('tfjs-node-gpu/deps/include/tensorflow/core/public/version.h'),
      '#define TF_MAJOR_VERSION 2\n#define TF_MINOR_VERSION 9\n#define TF_PATCH_VERSION 1\n',
    );
    expect(locateTensorflow(places())).toMatchObject({ found: true, version: '2.9.1' });
  });
});

describe('installationKey', () => {
  it('differs where library, version or tfjs-node differ, and starts with the version', async () => {
    const tensorflow = await inspectPython(makeFakePython(at('env'), { version: '2.21.0' }));
    const subject = { tensorflow, stamp: stampOf(tensorflow.library), tfjsNode: '4.22.0' };
    const key = installationKey(subject);
    expect(key).toMatch(/^2\.21\.0-[0-9a-f]{12}$/);
    const others = [
      { ...subject, tfjsNode: '4.23.0' },
      { ...subject, stamp: { ...subject.stamp, modifiedMs: 1 } },
      { ...subject, tensorflow: { ...tensorflow, library: '/elsewhere/libtensorflow_cc.so.2' } },
    ];
    expect(new Set([key, ...others.map(installationKey)]).size).toBe(4);
    expect(installationKey({ ...subject, tensorflow: { ...tensorflow, gpu: 'cuda' } })).toBe(key);
  });
});

describe('findPackages', () => {
  it('names the optional package that npm left out', () => {
    for (const absent of ['@tensorflow/tfjs-node-gpu', 'node-api-headers']) {
      expect(() => findPackages((name) => (name === absent ? null : at('tfjs-node-gpu')))).toThrow(
        `the optional package ${absent} is not installed`,
      );
    }
  });
});

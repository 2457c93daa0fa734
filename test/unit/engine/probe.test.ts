import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { createTensorflowKind, type TensorflowPlaces } from '../../../src/engine/kinds/tensorflow.ts';
import { wasm } from '../../../src/engine/kinds/wasm.ts';
import { type EnginePlaces, findPlaces } from '../../../src/engine/places.ts';
import { probeEngines, resolveEngine } from '../../../src/engine/probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'clade-probe-'));
const fileOf = (name: string): string => {
  writeFileSync(join(folder, name), name);
  return join(folder, name);
};
const PLACES: EnginePlaces = {
  kernels: fileOf('kernels.wasm'),
  tfjsVersion: '4.22.0',
  sources: { tensorflow: '5ca1e' },
};
const NO_TENSORFLOW: TensorflowPlaces = { package: null, binding: null, library: null };
const TENSORFLOW: TensorflowPlaces = {
  package: folder,
  binding: fileOf('tfjs_binding.node'),
  library: fileOf('libtensorflow.so.2.9.1'),
};
const probeWith = (tensorflow: TensorflowPlaces, places = PLACES) =>
  probeEngines(places, [createTensorflowKind(() => tensorflow), wasm]);

describe('resolveEngine', () => {
  it('finds TensorFlow where its library is there, with the library’s own version', () => {
    expect(resolveEngine('tensorflow', probeWith(TENSORFLOW))).toMatchObject({
      name: 'tensorflow',
      version: '2.9.1',
      kernels: '5ca1e',
    });
  });

  it('finds wasm, with tfjs’s version and the digest of the kernels', () => {
    expect(resolveEngine('wasm', probeWith(NO_TENSORFLOW))).toEqual({
      name: 'wasm',
      version: '4.22.0',
      kernels: digestBytes('kernels.wasm'),
    });
  });

  it('refuses an engine that is asked for and not there, says the cure and what is there instead', () => {
    const failure = resolveEngine('tensorflow', probeWith(NO_TENSORFLOW));
    expect(failure).toMatchObject({ reason: 'engine-unavailable' });
    expect(failure).toHaveProperty(
      'message',
      expect.stringMatching(/npm install @tensorflow\/tfjs-node-gpu.*Available here: wasm/s),
    );
  });

  it('names the engines that exist when asked for one that does not', () => {
    expect(resolveEngine('cuda', probeWith(NO_TENSORFLOW))).toEqual({
      reason: 'engine-unavailable',
      message: "there is no engine 'cuda'; expected auto, tensorflow, wasm",
    });
  });

  it('says what wasm lacks before the build', () => {
    expect(resolveEngine('wasm', probeWith(NO_TENSORFLOW, { ...PLACES, kernels: null }))).toHaveProperty(
      'message',
      expect.stringMatching(/cannot run here: kernels.wasm has not been built/),
    );
  });
});

describe('probeEngines', () => {
  it('tells a missing library from a missing binding, each with its cure', () => {
    const why = (tensorflow: TensorflowPlaces) => probeWith(tensorflow)[0];
    expect(why({ package: folder, binding: null, library: null })).toMatchObject({
      available: false,
      why: expect.stringContaining('libtensorflow'),
    });
    expect(why({ package: folder, binding: null, library: TENSORFLOW.library })).toMatchObject({
      available: false,
      why: expect.stringContaining('tfjs_binding.node'),
      cure: expect.stringContaining('--build-addon-from-source'),
    });
  });

  it('reads the version from the header where the library’s name does not tell it', () => {
    const installed = mkdtempSync(join(tmpdir(), 'clade-tensorflow-'));
    mkdirSync(join(installed, 'lib'));
    mkdirSync(join(installed, 'include/tensorflow/core/public'), { recursive: true });
    writeFileSync(join(installed, 'lib/libtensorflow.so'), '');
    const versionWith = (header: string) => {
      writeFileSync(join(installed, 'include/tensorflow/core/public/version.h'), header);
      const library = join(installed, 'lib/libtensorflow.so');
      return probeWith({ ...TENSORFLOW, library })[0].identity!.version;
    };
    const header = '#define TF_MAJOR_VERSION 2\n#define TF_MINOR_VERSION 15\n#define TF_PATCH_VERSION 1\n';
    expect(versionWith(header)).toBe('2.15.1');
    expect(versionWith('nothing of the kind')).toBe('with tfjs-node 4.22.0');
  });

  it('reads the version of TensorFlow’s Python package where the library is one of its files', () => {
    const sitePackages = mkdtempSync(join(tmpdir(), 'clade-site-packages-'));
    mkdirSync(join(sitePackages, 'tensorflow'));
    mkdirSync(join(sitePackages, 'tensorflow_cpu-2.21.0.dist-info'));
    mkdirSync(join(sitePackages, 'tensorflow_io-0.3.1.dist-info'));
    writeFileSync(join(sitePackages, 'tensorflow/libtensorflow_cc.so.2'), '');
    const library = join(folder, 'libtensorflow.so');
    symlinkSync(join(sitePackages, 'tensorflow/libtensorflow_cc.so.2'), library);
    expect(probeWith({ ...TENSORFLOW, library })[0].identity!.version).toBe('2.21.0');
  });
});

describe('findPlaces', () => {
  it('finds tfjs where this project installs it', () => {
    expect(findPlaces().tfjsVersion).toBe('4.22.0');
  });
});

import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { type EnginePlaces, findPlaces } from '../../../src/engine/places.ts';
import { probeEngines, resolveEngine } from '../../../src/engine/probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'clade-probe-'));
const fileOf = (name: string): string => {
  writeFileSync(join(folder, name), name);
  return join(folder, name);
};
const kernels = fileOf('kernels.wasm');
const NOTHING: EnginePlaces = {
  kernels: null,
  tfjsVersion: '4.22.0',
  tensorflow: { package: null, binding: null, library: null },
};
const WASM_ALONE: EnginePlaces = { ...NOTHING, kernels };
const BOTH: EnginePlaces = {
  ...WASM_ALONE,
  tensorflow: {
    package: folder,
    binding: fileOf('tfjs_binding.node'),
    library: fileOf('libtensorflow.so.2.9.1'),
  },
};

describe('resolveEngine', () => {
  it('takes TensorFlow for auto where its library is there, with the library’s own version', () => {
    expect(resolveEngine('auto', probeEngines(BOTH))).toMatchObject({ name: 'tensorflow', version: '2.9.1' });
  });

  it('takes wasm for auto elsewhere, with tfjs’s version and the digest of the kernels', () => {
    expect(resolveEngine('auto', probeEngines(WASM_ALONE))).toEqual({
      name: 'wasm',
      version: '4.22.0',
      kernels: digestBytes('kernels.wasm'),
    });
  });

  it('refuses an engine that is asked for and not there, says the cure and what is there instead', () => {
    const failure = resolveEngine('tensorflow', probeEngines(WASM_ALONE));
    expect(failure).toMatchObject({ reason: 'engine-unavailable' });
    expect(failure).toHaveProperty(
      'message',
      expect.stringMatching(/npm install @tensorflow\/tfjs-node-gpu.*Available here: wasm/s),
    );
  });

  it('names the engines that exist when asked for one that does not', () => {
    expect(resolveEngine('cuda', probeEngines(WASM_ALONE))).toEqual({
      reason: 'engine-unavailable',
      message: "there is no engine 'cuda'; expected auto, tensorflow, wasm",
    });
  });

  it('lists what each engine lacks where none can run', () => {
    const failure = resolveEngine('auto', probeEngines(NOTHING));
    expect(failure).toHaveProperty(
      'message',
      expect.stringMatching(/tensorflow: .*\n.*wasm: kernels.wasm has not been built/),
    );
  });
});

describe('probeEngines', () => {
  it('tells a missing library from a missing binding, each with its cure', () => {
    const why = (tensorflow: EnginePlaces['tensorflow']) => probeEngines({ ...WASM_ALONE, tensorflow })[0];
    expect(why({ package: folder, binding: null, library: null })).toMatchObject({
      available: false,
      why: expect.stringContaining('libtensorflow'),
    });
    expect(why({ package: folder, binding: null, library: kernels })).toMatchObject({
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
      const tensorflow = { ...BOTH.tensorflow, library: join(installed, 'lib/libtensorflow.so') };
      return probeEngines({ ...BOTH, tensorflow })[0].identity!.version;
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
    const places = { ...BOTH, tensorflow: { ...BOTH.tensorflow, library } };
    expect(probeEngines(places)[0].identity!.version).toBe('2.21.0');
  });
});

describe('findPlaces', () => {
  it('finds tfjs where this project installs it', () => {
    expect(findPlaces().tfjsVersion).toBe('4.22.0');
  });
});

import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { createTensorflowKind } from '../../../src/engine/kinds/tensorflow.ts';
import { wasm } from '../../../src/engine/kinds/wasm.ts';
import { type EnginePlaces, findPlaces } from '../../../src/engine/places.ts';
import { probeEngines, resolveEngine } from '../../../src/engine/probe.ts';
import type { TensorflowPlaces } from '../../../src/engine/tensorflow/locate.ts';

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
const engines = join(folder, 'engines');
const NO_TENSORFLOW: TensorflowPlaces = { tfjsNode: null, engines };
/** As tfjs-node's own install script leaves it. */
const TENSORFLOW: TensorflowPlaces = { tfjsNode: join(folder, 'tfjs-node'), engines };
mkdirSync(join(folder, 'tfjs-node/deps/lib'), { recursive: true });
mkdirSync(join(folder, 'tfjs-node/lib/napi-v8'), { recursive: true });
fileOf('tfjs-node/lib/napi-v8/tfjs_binding.node');
writeFileSync(join(folder, 'tfjs-node/package.json'), '{ "version": "4.22.0" }');
symlinkSync(fileOf('libtensorflow.so.2.9.1'), join(folder, 'tfjs-node/deps/lib/libtensorflow.so'));
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
      expect.stringMatching(/npm install --include=optional.*Available here: wasm/s),
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

describe('findPlaces', () => {
  it('finds tfjs where this project installs it', () => {
    expect(findPlaces().tfjsVersion).toBe('4.22.0');
  });
});

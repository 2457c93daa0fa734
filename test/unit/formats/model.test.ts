import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Network, networkShapes } from '../../../src/core/network.ts';
import { readCentres, readModel, writeCentres, writeModel } from '../../../src/formats/model.ts';
import { writeSafetensors } from '../../../src/formats/safetensors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clade-model-'));
});
afterEach(() => rm(folder, { recursive: true }));

const conv = { kernel: 3, stride: 2, padding: 'same', activation: 'relu' } as const;
const network: Network = {
  input: [4, 4, 1],
  encoder: [
    { kind: 'conv', filters: 2, ...conv },
    { kind: 'flatten' },
    { kind: 'dense', units: 3, activation: 'linear' },
  ],
  decoder: [
    { kind: 'dense', units: 8, activation: 'relu' },
    { kind: 'reshape', shape: [2, 2, 2] },
    { kind: 'deconv', filters: 1, output: [4, 4], ...conv },
  ],
};
const weights = new Map(
  networkShapes(network)
    .flatMap(({ parameters }) => parameters)
    .map(({ name, shape }, index) => [
      name,
      new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(index / 8),
    ]),
);

describe('model', () => {
  it('comes back as it was', async () => {
    await writeModel(folder, { network, weights });
    expect(await readModel(folder)).toEqual({ network, weights });
  });

  it('is not written without all its weights', async () => {
    await expect(writeModel(folder, { network, weights: new Map() })).rejects.toThrow(
      'no weights for encoder.0.kernel',
    );
  });

  it('refuses weights that are not the network’s', async () => {
    const put = async (change: (tensors: Map<string, { data: Float32Array; shape: number[] }>) => void) => {
      await writeModel(folder, { network, weights });
      const shapes = networkShapes(network).flatMap(({ parameters }) => parameters);
      const tensors = new Map(
        shapes.map(({ name, shape }) => [name, { data: weights.get(name)!, shape: [...shape] }]),
      );
      change(tensors);
      await writeFile(join(folder, 'weights.safetensors'), writeSafetensors({ tensors, metadata: {} }));
      return readModel(folder);
    };
    await expect(put((tensors) => tensors.delete('encoder.2.bias'))).rejects.toThrow(
      'no weights for encoder.2.bias',
    );
    await expect(
      put((tensors) => tensors.set('more', { data: new Float32Array(1), shape: [1] })),
    ).rejects.toThrow('the network has no more');
    await expect(
      put((tensors) => tensors.set('encoder.2.bias', { data: new Float32Array(4), shape: [4] })),
    ).rejects.toThrow('encoder.2.bias has shape 4; expected float32 3');
  });

  it('refuses a network whose layers are unknown or do not fit together', async () => {
    await writeModel(folder, { network, weights });
    const text = await readFile(join(folder, 'network.json'), 'utf8');
    const put = async (from: string | RegExp, to: string) => {
      await writeFile(join(folder, 'network.json'), text.replace(from, to));
      return readModel(folder);
    };
    await expect(put('"flatten"', '"pool"')).rejects.toThrow('network.json: expected input');
    await expect(put('"filters": 2', '"filters": -2')).rejects.toThrow('network.json: expected input');
    await expect(put('"units": 8', '"units": 9')).rejects.toThrow(
      'network.json: decoder.1: 9 values do not make 2×2×2',
    );
  });

  it('keeps centres beside it', async () => {
    const centres = { values: new Float32Array([1, 2, 3, 4, 5, 6]), count: 2, size: 3 };
    await expect(readCentres(folder)).rejects.toThrow("no file 'centres.npy'");
    await writeCentres(folder, centres);
    expect(await readCentres(folder)).toEqual(centres);
  });
});

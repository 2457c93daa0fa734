import { beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../../../src/core/network.ts';
import { createRandom } from '../../../src/core/random.ts';
import { ADAM } from '../../../src/core/trainable.ts';
import { CompiledTrainable } from '../../../src/engine/compiled/compiled-trainable.ts';
import { compileKernels, type WasmMemory, type WasmModule } from '../../../src/engine/wasm/load-kernels.ts';
import { builtKernels } from '../../support/engine/kernels.ts';
import { DIGITS, ODD, randomImages, randomWeights } from '../../support/engine/networks.ts';
import { describeConformance } from './conformance.ts';

let module: WasmModule;
beforeAll(async () => {
  module = await compileKernels(await builtKernels());
});

describe('a trainable compiled into one program', () => {
  describeConformance(
    async (network, weights, adam) => new CompiledTrainable(network, { weights, adam: adam ?? ADAM, module }),
    5e-6,
    {
      held: (trainable) => ({
        bytes: (trainable as unknown as { memory: WasmMemory }).memory.buffer.byteLength,
      }),
    },
  );
});

describe('its memory', () => {
  it('stays the same size over a thousand steps, and grows once for a loss that needs a larger batch at once', async () => {
    const random = createRandom('memory');
    const images = randomImages(ODD, 40, random);
    const trainable = new CompiledTrainable(ODD, { weights: randomWeights(ODD, random), adam: ADAM, module });
    const { memory } = trainable as unknown as { memory: WasmMemory };
    const step = async (rows: Uint32Array) => {
      await trainable.gradients({
        batch: { images, rows },
        reconstructionWeight: 1,
        embeddingGradient: (z) => z,
      });
      await trainable.update();
    };
    const all = Uint32Array.from({ length: 40 }, (_, row) => row);
    await step(all.subarray(0, 3));
    const small = memory.buffer.byteLength;
    await step(all);
    const large = memory.buffer.byteLength;
    expect(large).toBeGreaterThan(small);
    for (let index = 0; index < 1000; index++) await step(all.subarray(index % 37, (index % 37) + 3));
    await step(all);
    expect(memory.buffer.byteLength).toBe(large);
    expect(await trainable.readReconstructionError()).toBeLessThan(1);
  });

  it('is refused by name where a network or a batch would need more than 4 GiB', async () => {
    const large: Network = {
      input: [8192, 8192, 1],
      encoder: [
        { kind: 'conv', filters: 16, kernel: 1, stride: 1, padding: 'same', activation: 'relu' },
        { kind: 'conv', filters: 1, kernel: 1, stride: 8, padding: 'valid', activation: 'relu' },
        { kind: 'flatten' },
      ],
      decoder: [],
    };
    const weights = randomWeights(large, createRandom('large'));
    expect(() => new CompiledTrainable(large, { weights, adam: ADAM, module })).toThrow(
      /the network needs \d+\.\d GiB/,
    );
  });

  it('holds a gradient that does not depend on whether a loss on the embedding was there too', async () => {
    const random = createRandom('two ways');
    const images = randomImages(DIGITS, 11, random);
    const trainable = new CompiledTrainable(DIGITS, {
      weights: randomWeights(DIGITS, random),
      adam: ADAM,
      module,
    });
    await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
    const alone = await trainable.readGradients();
    await trainable.gradients({
      batch: { images },
      reconstructionWeight: 1,
      embeddingGradient: (z) => new Float32Array(z.length),
    });
    expect(await trainable.readGradients()).toEqual(alone);
  });
});

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { convOutputLength, type Layer, type Network } from '../../src/core/network.ts';
import { createRandom } from '../../src/core/random.ts';
import { ADAM } from '../../src/core/trainable.ts';
import { CompiledTrainable } from '../../src/engine/compiled/compiled-trainable.ts';
import { TfjsTrainable } from '../../src/engine/tfjs-trainable.ts';
import { compileKernels, type WasmModule } from '../../src/engine/wasm/load-kernels.ts';
import { setUpWasmBackend } from '../../src/engine/wasm-backend.ts';
import { referenceGradients, toFloat64 } from '../support/engine/float64-reference.ts';
import { builtKernels } from '../support/engine/kernels.ts';
import { randomImages, randomWeights } from '../support/engine/networks.ts';

let module: WasmModule;
beforeAll(async () => {
  const kernels = await builtKernels();
  module = await compileKernels(kernels);
  await setUpWasmBackend(kernels);
});

const activation = fc.constantFrom<'linear' | 'relu'>('linear', 'relu');
const convolution = fc.record({
  filters: fc.integer({ min: 1, max: 18 }),
  kernel: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  padding: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
  activation,
});

/** Any autoencoder whose decoder mirrors its encoder, at times without the dense layers between. */
const networks: fc.Arbitrary<Network> = fc
  .record({
    input: fc.tuple(
      fc.integer({ min: 1, max: 14 }),
      fc.integer({ min: 1, max: 14 }),
      fc.integer({ min: 1, max: 4 }),
    ),
    convolutions: fc.array(convolution, { maxLength: 3 }),
    units: fc.array(fc.record({ units: fc.integer({ min: 1, max: 12 }), activation }), { maxLength: 2 }),
    outputs: activation,
  })
  .map(({ input, convolutions, units, outputs }) => {
    const encoder: Layer[] = [];
    const decoder: Layer[] = [];
    let shape: readonly [number, number, number] = input;
    for (const layer of convolutions) {
      const [height, width, channels] = shape;
      const along = (size: number) => convOutputLength(size, layer.kernel, layer.stride, layer.padding);
      if (along(height) < 1 || along(width) < 1) break;
      encoder.push({ kind: 'conv', ...layer });
      const first = decoder.length === 0;
      decoder.unshift({
        ...layer,
        kind: 'deconv',
        filters: channels,
        activation: first ? outputs : 'relu',
        output: [height, width],
      });
      shape = [along(height), along(width), layer.filters];
    }
    encoder.push({ kind: 'flatten' }, ...units.map((layer) => ({ kind: 'dense' as const, ...layer })));
    const flat = shape[0] * shape[1] * shape[2];
    const dense: Layer[] = units.length > 0 ? [{ kind: 'dense', units: flat, activation: 'relu' }] : [];
    return { input, encoder, decoder: [...dense, { kind: 'reshape', shape }, ...decoder] };
  });

describe('any network', () => {
  it('has the float64 reference’s gradients when compiled, and tfjs’s', async () => {
    await fc.assert(
      fc.asyncProperty(networks, fc.integer({ min: 1, max: 9 }), fc.nat(), async (network, count, seed) => {
        const random = createRandom(`networks ${seed}`);
        const weights = randomWeights(network, random);
        const images = randomImages(network, count, random);
        const size = images.length / count;
        const compiled = new CompiledTrainable(network, { weights, adam: ADAM, module });
        const tfjs = new TfjsTrainable(network, weights, ADAM);
        const units = (await compiled.embed({ images })).length / count;
        const slopes = Float32Array.from({ length: count * units }, () => random.next() - 0.5);
        const request = { batch: { images }, reconstructionWeight: 1.5, embeddingGradient: () => slopes };
        const expected = referenceGradients(
          network,
          toFloat64(weights),
          Array.from({ length: count }, (_, i) =>
            Float64Array.from(images.subarray(i * size, (i + 1) * size)),
          ),
          {
            reconstructionWeight: 1.5,
            embeddingGradient: (image) =>
              Float64Array.from(slopes.subarray(image * units, (image + 1) * units)),
          },
        );
        for (const trainable of [compiled, tfjs]) {
          await trainable.gradients(request);
          const gradients = await trainable.readGradients();
          const scale = Math.max(
            1e-3,
            ...[...expected.parameters.values()].flatMap((values) => [...values].map(Math.abs)),
          );
          for (const [name, values] of expected.parameters) {
            const got = gradients.get(name)!;
            for (let i = 0; i < values.length; i++) {
              expect(Math.abs(got[i] - values[i]), `${name}[${i}]`).toBeLessThan(1e-5 * scale);
            }
          }
          expect(await trainable.readReconstructionError()).toBeCloseTo(expected.error, 5);
          trainable.dispose();
        }
      }),
      { numRuns: 60 },
    );
  });
});

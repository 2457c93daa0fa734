import fc from 'fast-check';
import { convOutputLength, type Layer, type Network } from '../../../src/core/network.ts';

const activation = fc.constantFrom<'linear' | 'relu'>('linear', 'relu');
const convolution = fc.record({
  filters: fc.integer({ min: 1, max: 18 }),
  kernel: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  padding: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
  activation,
});

/** Any autoencoder whose decoder mirrors its encoder, at times without the dense layers between. */
export const anyNetwork: fc.Arbitrary<Network> = fc
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

import type { Network } from '../../src/core/network.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Trainable } from '../../src/core/trainable.ts';
import { initialWeights } from '../../src/ml/initialise.ts';
import { caeNetwork } from '../../src/ml/models/cae.ts';
import type { ImageRows } from '../../src/ml/training/image-rows.ts';
import type { LoopCheckpoint, LoopState } from '../../src/ml/training/loop-state.ts';
import { createReferenceTrainable } from './reference-trainable.ts';

/** An autoencoder of 8×8 pictures that the reference trains in milliseconds. */
export const tinyNetwork: Network = caeNetwork({
  inputSize: [8, 8],
  filters: [2, 3],
  kernels: [3, 3],
  strides: [2, 2],
  embeddingDim: 2,
});

/** Trainables compute with Adam at this rate, so that a few epochs show something. */
export function tinyTrainable({
  network = tinyNetwork,
  learningRate = 0.01,
}: {
  readonly network?: Network;
  readonly learningRate?: number;
} = {}): Trainable {
  const weights = initialWeights(network, createRandom('tiny-2'));
  const adam = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
  return createReferenceTrainable(network, { weights, adam });
}

/** Three kinds of 8×8 pictures in turn: bright above, bright on the left, bright in the middle; with noise. */
export function tinyImages(count: number): ImageRows {
  const random = createRandom('pictures');
  const bright = [
    (y: number, _x: number) => y < 4,
    (_y: number, x: number) => x < 4,
    (y: number, x: number) => y > 1 && y < 6 && x > 1 && x < 6,
  ];
  const images = Float32Array.from({ length: count * 64 }, (_, index) => {
    const [item, y, x] = [Math.floor(index / 64), Math.floor(index / 8) % 8, index % 8];
    return (bright[item % 3](y, x) ? 0.5 : -0.5) + 0.2 * (random.next() - 0.5);
  });
  return { images, rows: Uint32Array.from({ length: count }, (_, row) => row) };
}

export function partOf({ images, rows }: ImageRows, start: number, end: number): ImageRows {
  return { images, rows: rows.subarray(start, end) };
}

export const noImages: ImageRows = { images: new Float32Array(0), rows: new Uint32Array(0) };

/** Keeps every state, as a store would: numbers through JSON, arrays as copies. */
export function keepStates(resume: LoopState | null = null): LoopCheckpoint & { readonly kept: LoopState[] } {
  const kept: LoopState[] = [];
  return {
    resume,
    kept,
    due: () => true,
    save: async ({ numbers, arrays }) => {
      kept.push({
        numbers: JSON.parse(JSON.stringify(numbers)),
        arrays: new Map([...arrays].map(([name, { data, shape }]) => [name, { data: data.slice(), shape }])),
      });
    },
  };
}

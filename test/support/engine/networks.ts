import { type Network, networkShapes, type Weights } from '../../../src/core/network.ts';
import type { Random } from '../../../src/core/random.ts';

/** The study's network (METHODS, Table 3.2). */
export const STUDY: Network = {
  input: [128, 128, 1],
  encoder: [
    { kind: 'conv', filters: 16, kernel: 5, stride: 4, padding: 'same', activation: 'relu' },
    { kind: 'conv', filters: 32, kernel: 5, stride: 4, padding: 'same', activation: 'relu' },
    { kind: 'conv', filters: 32, kernel: 3, stride: 2, padding: 'same', activation: 'relu' },
    { kind: 'flatten' },
    { kind: 'dense', units: 3, activation: 'linear' },
  ],
  decoder: [
    { kind: 'dense', units: 512, activation: 'relu' },
    { kind: 'reshape', shape: [4, 4, 32] },
    {
      kind: 'deconv',
      filters: 32,
      kernel: 3,
      stride: 2,
      padding: 'same',
      activation: 'relu',
      output: [8, 8],
    },
    {
      kind: 'deconv',
      filters: 16,
      kernel: 5,
      stride: 4,
      padding: 'same',
      activation: 'relu',
      output: [32, 32],
    },
    {
      kind: 'deconv',
      filters: 1,
      kernel: 5,
      stride: 4,
      padding: 'same',
      activation: 'linear',
      output: [128, 128],
    },
  ],
};

/** Odd sizes and channel counts, 'valid' and 'same', both kinds of stride phase, colour. */
export const ODD: Network = {
  input: [13, 11, 3],
  encoder: [
    { kind: 'conv', filters: 5, kernel: 3, stride: 2, padding: 'same', activation: 'relu' },
    { kind: 'conv', filters: 9, kernel: 2, stride: 1, padding: 'valid', activation: 'linear' },
    { kind: 'flatten' },
    { kind: 'dense', units: 11, activation: 'relu' },
    { kind: 'dense', units: 2, activation: 'linear' },
  ],
  decoder: [
    { kind: 'dense', units: 270, activation: 'relu' },
    { kind: 'reshape', shape: [6, 5, 9] },
    {
      kind: 'deconv',
      filters: 4,
      kernel: 2,
      stride: 1,
      padding: 'valid',
      activation: 'relu',
      output: [7, 6],
    },
    {
      kind: 'deconv',
      filters: 3,
      kernel: 4,
      stride: 2,
      padding: 'same',
      activation: 'linear',
      output: [13, 11],
    },
  ],
};

/** MNIST's published network in small: 28 → 14 → 7 → 3 → 7 → 14 → 28, the third layer 'valid'. */
export const DIGITS: Network = {
  input: [28, 28, 1],
  encoder: [
    { kind: 'conv', filters: 8, kernel: 5, stride: 2, padding: 'same', activation: 'relu' },
    { kind: 'conv', filters: 12, kernel: 5, stride: 2, padding: 'same', activation: 'relu' },
    { kind: 'conv', filters: 16, kernel: 3, stride: 2, padding: 'valid', activation: 'relu' },
    { kind: 'flatten' },
    { kind: 'dense', units: 10, activation: 'linear' },
  ],
  decoder: [
    { kind: 'dense', units: 144, activation: 'relu' },
    { kind: 'reshape', shape: [3, 3, 16] },
    {
      kind: 'deconv',
      filters: 12,
      kernel: 3,
      stride: 2,
      padding: 'valid',
      activation: 'relu',
      output: [7, 7],
    },
    {
      kind: 'deconv',
      filters: 8,
      kernel: 5,
      stride: 2,
      padding: 'same',
      activation: 'relu',
      output: [14, 14],
    },
    {
      kind: 'deconv',
      filters: 1,
      kernel: 5,
      stride: 2,
      padding: 'same',
      activation: 'linear',
      output: [28, 28],
    },
  ],
};

/** Glorot-sized uniform numbers, biases small but not zero so that their gradients are tested too. */
export function randomWeights(network: Network, random: Random): Weights {
  const weights = new Map<string, Float32Array>();
  for (const { parameters } of networkShapes(network)) {
    for (const { name, role, shape, fanIn, fanOut } of parameters) {
      const limit = role === 'bias' ? 0.1 : Math.sqrt(6 / (fanIn + fanOut));
      const size = shape.reduce((product, length) => product * length, 1);
      weights.set(
        name,
        Float32Array.from({ length: size }, () => limit * (2 * random.next() - 1)),
      );
    }
  }
  return weights;
}

/** Numbers in [−0.5, 0.5). */
export function randomImages(network: Network, count: number, random: Random): Float32Array {
  const [height, width, channels] = network.input;
  return Float32Array.from({ length: count * height * width * channels }, () => random.next() - 0.5);
}

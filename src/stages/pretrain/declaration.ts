import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const sizes = Type.Integer({ minimum: 1, maximum: 4096 });

const parameters = Type.Object({
  filters: Type.Array(sizes, {
    description: 'Filters of each convolution, from the image inwards; the decoder mirrors them.',
    default: [16, 32, 32],
    minItems: 1,
  }),
  kernels: Type.Array(sizes, {
    description: 'Sides of the square kernels, one for each convolution.',
    default: [5, 5, 3],
    minItems: 1,
    unit: 'pixels',
  }),
  strides: Type.Array(sizes, {
    description: 'Strides, one for each convolution.',
    default: [4, 4, 2],
    minItems: 1,
    unit: 'pixels',
  }),
  paddings: Type.Optional(
    Type.Array(Type.Enum(['same', 'valid']), {
      description: "Padding of each convolution as TensorFlow's; 'same' everywhere where absent.",
      minItems: 1,
    }),
  ),
  activation: Type.Enum(['relu', 'linear'], {
    description: 'Of all layers but the embedding and the output, which is linear.',
    default: 'relu',
  }),
  embeddingDim: Type.Integer({
    description: 'Dimensions of the embedding, d.',
    default: 3,
    minimum: 1,
    maximum: 4096,
  }),
  embeddingActivation: Type.Enum(['linear', 'relu'], {
    description: "Of the embedding. The study's code has relu, whose units die easily where d is small.",
    default: 'linear',
  }),
  epochs: Type.Integer({
    description: 'At most.',
    default: 1000,
    minimum: 1,
    maximum: 100000,
    unit: 'epochs',
  }),
  batch: Type.Integer({ description: 'Images in a step.', default: 12, minimum: 1, unit: 'images' }),
  learningRate: Type.Number({ description: "Adam's.", default: 0.001, exclusiveMinimum: 0, maximum: 1 }),
  patience: Type.Integer({
    description: 'Epochs without an improvement of the validation loss after which training ends.',
    default: 25,
    minimum: 1,
    unit: 'epochs',
  }),
  minDelta: Type.Number({
    description: 'The loss must fall by more than this to count as improved.',
    default: 1e-7,
    minimum: 0,
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'pretrain',
  summary: 'Trains a convolutional autoencoder to reconstruct the train images.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    dataset: {
      description: 'Trains on train, stops early by val; never reads test.',
      kind: 'dataset',
      reads: ['dataset.json', 'items.csv', 'train.npy', 'val.npy'],
    },
  },
  outputs: [
    { path: 'network.json', description: 'Layers of the network.' },
    { path: 'weights.safetensors', description: 'Weights of the best epoch.' },
    { path: 'history.csv', description: 'Loss on train and val, epoch by epoch.' },
    { path: 'training.json', description: 'Best epoch, why it stopped, number of parameters.' },
  ],
  offers: ['model', 'history'],
  metrics: [
    { name: 'epochs', description: 'Epochs that were trained.', better: 'neither' },
    { name: 'mse', description: 'Reconstruction error of the weights kept.', better: 'lower' },
  ],
  random: true,
  engine: true,
  workload: [
    'filters',
    'kernels',
    'strides',
    'paddings',
    'activation',
    'embeddingDim',
    'embeddingActivation',
    'batch',
  ],
  // Peaks of the worker on the wasm engine, rounded up: 480 to 2,160 pictures of 64 and 128 pixels' side.
  needs: { threads: 8, memoryMiB: 80, memoryPerInput: 2 },
  exact: true,
};

export default declaration;

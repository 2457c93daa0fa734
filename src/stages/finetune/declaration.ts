import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object({
  method: Type.Enum(['dec', 'dcec'], {
    description:
      'dec: the clustering loss alone, without a decoder (Xie et al. 2016); dcec: beside the reconstruction error (Guo et al. 2017).',
    default: 'dcec',
  }),
  gamma: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal('balanced')], {
    description:
      "Weight of the clustering loss; 'balanced' makes both losses equal at the first update. The published DCEC has 0.1.",
    default: 0.01,
    when: { method: ['dcec'] },
  }),
  alpha: Type.Number({
    description: "Degrees of freedom of the Student's t kernel.",
    default: 1,
    exclusiveMinimum: 0,
  }),
  updateInterval: Type.Integer({
    description: 'Iterations between updates of the targets, T.',
    default: 20,
    minimum: 1,
    unit: 'iterations',
  }),
  tolerance: Type.Number({
    description:
      'Stops when a smaller share of train items than this changed its cluster since the last update.',
    default: 0.001,
    minimum: 0,
    maximum: 1,
  }),
  maxIterations: Type.Integer({ description: 'At most.', default: 2000, minimum: 1, unit: 'iterations' }),
  batch: Type.Integer({ description: 'Images in a step.', default: 32, minimum: 1, unit: 'images' }),
  learningRate: Type.Number({
    description: "Adam's, for weights and centres.",
    default: 0.001,
    exclusiveMinimum: 0,
    maximum: 1,
  }),
  shuffle: Type.Boolean({
    description: "A new order every epoch; false: the data's own, as the study has it.",
    default: false,
  }),
  collapseFloor: Type.Number({
    description: 'A cluster below this share of n/k is warned of.',
    default: 0.1,
    minimum: 0,
    maximum: 1,
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'finetune',
  summary: 'Trains encoder and centres together, so that clusters draw apart (DEC, DCEC).',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    dataset: {
      description: 'Trains on train; clusters of val and test are recorded, nothing is learnt from them.',
      kind: 'dataset',
      reads: ['dataset.json', 'items.csv', 'train.npy', 'val.npy', 'test.npy'],
    },
    model: {
      description: 'The pretrained autoencoder.',
      kind: 'model',
      reads: ['network.json', 'weights.safetensors'],
    },
    centres: {
      description: 'Centres to start from, and the clusters that they gave the train items.',
      kind: 'centres',
      reads: ['centres.npy', 'assignments.csv'],
    },
  },
  outputs: [
    { path: 'network.json', description: 'Layers of the network; without decoder for dec.' },
    { path: 'weights.safetensors', description: 'Weights at the end.' },
    { path: 'centres.npy', description: 'Centres at the end, [k, d], float32.' },
    { path: 'clustering.json', description: 'Method, alpha, gamma as used, why and when it stopped.' },
    { path: 'updates.csv', description: 'Losses, changed share and sizes of clusters at every update.' },
    { path: 'assignments/', description: 'Clusters of every split at every update, NPY [updates, n].' },
  ],
  offers: ['model', 'updates'],
  metrics: [
    { name: 'iterations', description: 'Iterations that were trained.', better: 'neither' },
    { name: 'gamma', description: 'Weight of the clustering loss as used.', better: 'neither' },
  ],
  random: true,
  engine: true,
  // Peaks of the worker on the wasm engine, rounded up: 480 to 2,160 pictures of 64 and 128 pixels' side.
  needs: { threads: 8, memoryMiB: 80, memoryPerInput: 2 },
  exact: true,
};

export default declaration;

import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object({
  clusters: Type.Integer({ description: 'Number of clusters, k.', default: 3, minimum: 1, maximum: 10000 }),
  restarts: Type.Integer({
    description: 'Runs from different seeds; the one with the least inertia is kept.',
    default: 20,
    minimum: 1,
    maximum: 10000,
  }),
  init: Type.Enum(['k-means++', 'random'], {
    description: 'How first centres are chosen.',
    default: 'k-means++',
  }),
  fitOn: Type.Enum(['train', 'all'], {
    description: "What centres are fitted on. 'all' is the study's text, and lets test images in.",
    default: 'train',
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'kmeans-init',
  summary: 'Finds centres of clusters in the embedding by k-means.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    dataset: {
      description: 'What is embedded.',
      kind: 'dataset',
      reads: [
        'dataset.json',
        'items.csv',
        'train.npy',
        { file: 'val.npy', when: { fitOn: ['all'] } },
        { file: 'test.npy', when: { fitOn: ['all'] } },
      ],
    },
    model: {
      description: 'What embeds.',
      kind: 'model',
      reads: ['network.json', 'weights.safetensors'],
    },
  },
  outputs: [
    { path: 'centres.npy', description: 'Centres [k, d], float32.' },
    { path: 'assignments.csv', description: 'Cluster of each train item.' },
    { path: 'kmeans.json', description: 'Inertia, iterations, sizes of clusters.' },
  ],
  offers: ['centres'],
  metrics: [
    { name: 'inertia', description: 'Sum of squared distances to the nearest centre.', better: 'neither' },
  ],
  random: true,
  engine: true,
  exact: true,
  // Peaks of the worker on the wasm engine, rounded up: 480 to 2,160 pictures of 64 and 128 pixels' side.
  needs: { memoryMiB: 80, memoryPerInput: 2 },
};

export default declaration;

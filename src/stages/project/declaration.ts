import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object({
  methods: Type.Array(Type.Enum(['umap', 'tsne']), {
    description: 'umap is fitted on train and places val, test and centres; tsne is made of test alone.',
    default: ['umap', 'tsne'],
    minItems: 1,
    uniqueItems: true,
  }),
  neighbours: Type.Integer({
    description: "UMAP's neighbours.",
    default: 15,
    minimum: 2,
    maximum: 1000,
  }),
  minDist: Type.Number({
    description: 'Least distance of points in the UMAP.',
    default: 0.1,
    minimum: 0,
    maximum: 1,
  }),
  perplexity: Type.Number({
    description: "t-SNE's effective number of neighbours; lowered where points are few.",
    default: 30,
    minimum: 1,
    maximum: 1000,
  }),
  iterations: Type.Integer({
    description: 'Iterations of t-SNE.',
    default: 1000,
    minimum: 250,
    maximum: 100000,
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'project',
  summary: 'Draws the embedding down to two dimensions by UMAP and t-SNE.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    dataset: {
      description: 'What is embedded.',
      kind: 'dataset',
      reads: ['dataset.json', 'items.csv', 'train.npy', 'val.npy', 'test.npy'],
    },
    model: {
      description: 'What embeds, and its centres where it was finetuned.',
      kind: 'model',
      reads: ['network.json', 'weights.safetensors', 'centres.npy', 'clustering.json'],
    },
    centres: {
      description: 'Centres of clusters, where the model has none of its own.',
      kind: 'centres',
      reads: ['centres.npy'],
      optional: true,
    },
  },
  outputs: [
    { path: 'umap.csv', description: 'Item, split, x, y and cluster.', optional: true },
    { path: 'umap-centres.csv', description: 'Cluster, x and y of each centre.', optional: true },
    { path: 'tsne.csv', description: 'Item, split, x, y and cluster.', optional: true },
    { path: 'projection.json', description: 'What was fitted on what.' },
  ],
  offers: ['projection'],
  metrics: [
    {
      name: 'umapTrustworthiness',
      description: 'Are neighbours in the picture neighbours in the embedding? 1: all.',
      better: 'higher',
    },
    { name: 'tsneTrustworthiness', description: 'The same of t-SNE.', better: 'higher' },
  ],
  random: true,
  engine: true,
  exact: true,
  // Peaks of the worker on the wasm engine, rounded up: 480 to 2,160 pictures of 64 and 128 pixels' side.
  needs: { memoryMiB: 100, memoryPerInput: 2 },
};

export default declaration;

import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object({
  predict: Type.Enum(['argmax-q', 'kmeans-on-q'], {
    description:
      "An item's cluster: the largest of its memberships q, or, for the reproduction only, a fresh k-means on q of each split.",
    default: 'argmax-q',
  }),
  resamples: Type.Integer({
    description: 'Bootstrap resamples for the 95 % interval on accuracy; 0 leaves it out.',
    default: 2000,
    minimum: 0,
    maximum: 100000,
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'evaluate',
  summary: 'Compares clusters with true classes, on each split.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    dataset: {
      description: 'Images and splits; its subjects are the units of the bootstrap.',
      kind: 'dataset',
      reads: ['dataset.json', 'items.csv', 'train.npy', 'val.npy', 'test.npy'],
    },
    model: {
      description: 'What embeds; centres and assignments too where it was finetuned.',
      kind: 'model',
      reads: [
        'network.json',
        'weights.safetensors',
        'centres.npy',
        'clustering.json',
        'updates.csv',
        'assignments/',
      ],
    },
    centres: {
      description: 'Centres of clusters, where the model has none of its own.',
      kind: 'centres',
      reads: ['centres.npy'],
      optional: true,
    },
    labels: { description: 'True classes.', kind: 'labels', reads: ['labels.csv'] },
  },
  outputs: [
    { path: 'metrics.json', description: 'All metrics, and how they were measured.' },
    { path: 'metrics.csv', description: 'The same as a table.' },
    { path: 'predictions.csv', description: 'Class, cluster and matched class of each item.' },
    { path: 'confusion.json', description: 'Confusion matrix of each split, after matching.' },
    {
      path: 'curve.csv',
      description: 'acc, nmi and ari of every split at every update.',
      optional: true,
    },
  ],
  offers: ['metrics', 'confusion', 'curve'],
  metrics: [
    { name: 'acc', description: 'Share of items in the cluster matched to their class.', better: 'higher' },
    { name: 'accLow', description: 'Lower end of the 95 % interval on acc.', better: 'higher' },
    { name: 'accHigh', description: 'Upper end of the 95 % interval on acc.', better: 'higher' },
    { name: 'nmi', description: 'Normalised mutual information of clusters and classes.', better: 'higher' },
    { name: 'ari', description: 'Adjusted Rand index of clusters and classes.', better: 'higher' },
    { name: 'mse', description: 'Reconstruction error over the whole split.', better: 'lower' },
    { name: 'kl', description: 'Clustering loss over the whole train split.', better: 'lower' },
  ],
  random: true,
  engine: true,
  exact: true,
  // Peaks of the worker on the wasm engine, rounded up: 480 to 2,160 pictures of 64 and 128 pixels' side.
  needs: { memoryMiB: 80, memoryPerInput: 2 },
  seesLabels: ['labels'],
};

export default declaration;

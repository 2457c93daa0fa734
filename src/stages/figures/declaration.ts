import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object({
  split: Type.Enum(['train', 'val', 'test'], {
    description: 'Split that samples, reconstructions and the confusion matrix are of.',
    default: 'test',
  }),
  samples: Type.Integer({
    description: 'Images of each class in the sample grid.',
    default: 6,
    minimum: 1,
    maximum: 50,
  }),
  reconstructions: Type.Integer({
    description: 'Images of each class that are shown beside their reconstruction.',
    default: 3,
    minimum: 1,
    maximum: 50,
  }),
  scale: Type.Number({
    description: 'Pixels of a PNG for each unit of its SVG.',
    default: 2,
    minimum: 0.5,
    maximum: 10,
  }),
});
export type Parameters = Static<typeof parameters>;

const drawings = [
  { name: 'samples', shows: 'Sample images (Figure 3.1 of the study).' },
  { name: 'architecture', shows: 'Layers of the network (3.2).' },
  { name: 'loss', shows: 'Train and validation loss (3.4).' },
  { name: 'reconstructions', shows: 'Originals and reconstructions (3.5, 3.8).' },
  { name: 'umap-by-cluster', shows: 'UMAP with Voronoi cells, coloured by cluster (3.6, 3.7).' },
  { name: 'umap-by-label', shows: 'UMAP coloured by true class.' },
  { name: 'tsne-by-cluster', shows: 't-SNE coloured by cluster (3.6, 3.7).' },
  { name: 'tsne-by-label', shows: 't-SNE coloured by true class.' },
  { name: 'confusion', shows: 'Confusion matrix after matching.' },
  { name: 'updates', shows: 'Losses while finetuning, update by update.' },
  {
    name: 'cluster-sizes',
    shows: 'Share of train images in each cluster, and share that changed, update by update.',
  },
  { name: 'agreement', shows: 'Accuracy and NMI, update by update.' },
];

const declaration: StageDeclaration = {
  name: 'figures',
  summary: 'Draws what its inputs have to show, as SVG and PNG.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    dataset: {
      description: 'Sample grid; with a model, reconstructions.',
      kind: 'dataset',
      reads: ['dataset.json', 'items.csv', '{split}.npy'],
      optional: true,
    },
    model: {
      description: 'Architecture; with a dataset, reconstructions.',
      kind: 'model',
      reads: ['network.json', 'weights.safetensors', 'centres.npy'],
      optional: true,
    },
    history: {
      description: 'Loss of pretraining.',
      kind: 'history',
      reads: ['history.csv', 'training.json'],
      optional: true,
    },
    updates: {
      description: 'Losses and sizes of clusters while finetuning.',
      kind: 'updates',
      reads: ['updates.csv'],
      optional: true,
    },
    projection: {
      description: 'UMAP with Voronoi cells, and t-SNE.',
      kind: 'projection',
      reads: ['umap.csv', 'umap-centres.csv', 'tsne.csv'],
      optional: true,
    },
    metrics: {
      description: 'Confusion matrix, and agreement with the classes while finetuning.',
      kind: 'confusion',
      reads: ['confusion.json', 'curve.csv'],
      optional: true,
    },
    labels: {
      description: 'True classes: samples by class, projections coloured by class.',
      kind: 'labels',
      reads: ['labels.csv'],
      optional: true,
    },
  },
  outputs: drawings.flatMap(({ name, shows }) =>
    ['svg', 'png'].map((format) => ({ path: `${name}.${format}`, description: shows, optional: true })),
  ),
  offers: ['figures'],
  random: false,
  engine: true,
  exact: false,
  seesLabels: ['labels', 'metrics'],
};

export default declaration;

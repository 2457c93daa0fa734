import type { StageDeclaration } from 'clade/stage';

// Data, evaluated by itself when a pipeline is read: what the stage is. run.ts says what it does.
const declaration: StageDeclaration = {
  summary: 'Names each val and test image by its nearest neighbours among the train images.',
  parameters: {
    type: 'object',
    properties: {
      neighbours: {
        description: 'How many neighbours vote; the nearest of those that tie decides.',
        type: 'integer',
        minimum: 1,
        default: 3,
      },
    },
  },
  inputs: {
    dataset: {
      description: 'Images in train, val and test.',
      kind: 'dataset',
      reads: ['train.npy', 'val.npy', 'test.npy', 'items.csv', 'dataset.json'],
    },
    labels: { description: 'Their classes.', kind: 'labels', reads: ['labels.csv'] },
  },
  outputs: [
    { path: 'predictions.csv', description: 'Item, split, class and what was voted.' },
    { path: 'metrics.json', description: 'Its metrics, for summarise.' },
  ],
  offers: ['metrics'],
  metrics: [{ name: 'acc', description: 'Share of images that were named rightly.', better: 'higher' }],
  exact: true,
  seesLabels: ['labels'],
};

export default declaration;

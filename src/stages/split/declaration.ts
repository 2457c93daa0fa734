import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const byRatio = { by: ['slice', 'subject'] };
const byColumn = { by: ['column'] };

const parameters = Type.Object({
  by: Type.Enum(['slice', 'subject', 'column'], {
    description:
      'What is kept together: nothing, all slices of a subject, or what a column of the manifest says.',
    default: 'subject',
  }),
  ratios: Type.Array(Type.Number({ minimum: 0 }), {
    description: 'Train, val and test, as any numbers; by largest remainder.',
    default: [70, 10, 20],
    minItems: 3,
    maxItems: 3,
    when: byRatio,
  }),
  stratify: Type.Boolean({
    description: 'Split each class by the same ratios. The one way in which labels reach a dataset.',
    default: false,
    when: byRatio,
  }),
  column: Type.String({
    description: 'Column of the manifest that says which split an item is in.',
    default: 'split',
    when: byColumn,
  }),
  values: Type.Object(
    {
      train: Type.Array(Type.String()),
      val: Type.Array(Type.String()),
      test: Type.Array(Type.String()),
    },
    {
      description: 'What the column says of the items of each split.',
      default: { train: ['train'], val: ['val'], test: ['test'] },
      when: byColumn,
    },
  ),
  valShare: Type.Number({
    description: 'Share of the train items that become val, for a column that names no val.',
    default: 0,
    minimum: 0,
    exclusiveMaximum: 1,
    when: byColumn,
  }),
  seed: Type.Integer({
    description:
      "Which items go where. Not the pipeline's seed: a sweep over that one must not change the split.",
    default: 0,
    minimum: 0,
  }),
  centring: Type.Enum(['train', 'per-split', 'none'], {
    description:
      "One number that is subtracted from all pixels: the train split's mean, each split's own (as the study's code did), or nothing.",
    default: 'train',
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'split',
  summary: 'Makes a dataset: train, val and test, centred by the train mean.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    images: {
      description: 'Images, all of one size.',
      kind: 'image-set',
      reads: ['images.json', 'images/'],
    },
    index: {
      description: 'Subjects of the items, and the column that says the split.',
      kind: 'index',
      reads: ['index.csv', { file: 'columns/{column}.csv', when: byColumn }],
    },
    labels: {
      description: 'Classes to stratify by.',
      kind: 'labels',
      reads: ['labels.csv'],
      when: { stratify: [true] },
    },
  },
  outputs: [
    { path: 'train.npy', description: 'Images [n, height, width], float32, centred.' },
    { path: 'val.npy', description: 'Images [n, height, width], float32, centred.' },
    { path: 'test.npy', description: 'Images [n, height, width], float32, centred.' },
    { path: 'items.csv', description: 'Item, split, row and subject of each image.' },
    { path: 'dataset.json', description: 'Size, what was subtracted, counts.' },
    { path: 'leaks.csv', description: 'Subjects that are in several splits, with their counts there.' },
  ],
  offers: ['dataset'],
  random: false,
  engine: false,
  exact: true,
  // Peaks of the worker on the wasm engine, rounded up: 480 to 2,160 pictures of 64 and 128 pixels' side.
  needs: { memoryMiB: 80, memoryPerInput: 5 },
  seesLabels: ['labels'],
};

export default declaration;

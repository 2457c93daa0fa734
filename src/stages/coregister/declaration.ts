import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object({
  method: Type.Enum(['rigid', 'similarity', 'affine'], {
    description: 'What may be done to a picture: turn and shift; scale too; shear too.',
    default: 'rigid',
  }),
  to: Type.Enum(['mean', 'atlas'], {
    description:
      "What pictures are moved onto: the group's mean, or an atlas picture. The mean is made of all images, test ones included.",
    default: 'mean',
  }),
  atlas: Type.String({
    description: 'Picture to register to.',
    path: true,
    when: { to: ['atlas'] },
    requiredMessage: 'the picture that all others are registered to, or to: mean',
  }),
  by: Type.Enum(['image', 'subject'], {
    description:
      'One transformation for each image, or one for all images of a subject, found on their mean.',
    default: 'image',
  }),
  rounds: Type.Integer({
    description:
      'How often all are registered to the mean, which is made anew of the moved pictures each time: the first one is blurred.',
    default: 2,
    minimum: 1,
    maximum: 10,
    unit: 'rounds',
    when: { to: ['mean'] },
  }),
  iterations: Type.Integer({
    description: 'Of the optimiser, at each of three resolutions.',
    default: 256,
    minimum: 1,
    maximum: 10000,
    unit: 'iterations',
  }),
  tolerance: Type.Number({
    description:
      'Share of its similarity that an image may lose before it counts as lying worse than before. Heads that lie right lose up to 0.02.',
    default: 0.025,
    minimum: 0,
    maximum: 1,
  }),
  minLikeness: Type.Number({
    description:
      'The least likeness of an image that counts as registered: how many times more it says of the fixed picture where it lies than shifted by a quarter or half of the picture. Heads have 4 and more, noise has 1 to 2; 0 lets all pass.',
    default: 3,
    minimum: 0,
    maximum: 100,
  }),
  onFailed: Type.Enum(['drop', 'fail'], {
    description:
      'What to do about images that could not be registered, are not like the fixed picture, or lie worse than before: leave them out, flagged in quality.csv, or fail naming them.',
    default: 'drop',
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'coregister',
  summary: 'Moves pictures onto one another, so that the same place is the same anatomy.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    images: {
      description: 'What to register.',
      kind: 'image-set',
      reads: ['images.json', 'images/'],
    },
  },
  outputs: [
    { path: 'images.json', description: 'Which array file holds which item.' },
    { path: 'images/', description: 'The registered images.' },
    {
      path: 'quality.csv',
      description:
        'Of every item: similarity to the fixed picture (its own share in a mean left out) before and after, which pixel of it each pixel of the result is, and why it failed where it did.',
    },
    { path: 'fixed.npy', description: 'What was registered to, [height, width].' },
    { path: 'fixed.png', description: 'The same to look at.' },
  ],
  offers: ['image-set'],
  sources: [{ parameter: 'atlas', kind: 'file', when: { to: ['atlas'] } }],
  metrics: [
    {
      name: 'similarityBefore',
      description: 'Mean similarity to the fixed picture before.',
      better: 'neither',
    },
    { name: 'similarityAfter', description: 'Mean similarity to the fixed picture after.', better: 'higher' },
    { name: 'dropped', description: 'Images that were left out.', better: 'lower' },
  ],
  // A mean couples all images; an atlas is the same for each subject, whoever else is there.
  each: { item: 'subject', input: 'images', when: { to: ['atlas'] } },
  random: false,
  engine: false,
  exact: true,
};

export default declaration;

import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const images = { source: ['images'] };
const idx = { source: ['idx'] };
const phantom = { source: ['phantom'] };

const parameters = Type.Object({
  source: Type.Enum(['phantom', 'images', 'idx'], {
    description:
      'Where the images come from: a seeded digital head phantom, a folder of pictures, or files in the IDX format of MNIST.',
  }),
  path: Type.String({
    description: 'Folder of pictures.',
    path: true,
    when: images,
    requiredMessage:
      "give the folder of pictures here, or by --set data=FOLDER where the pipeline takes it from params.data; the study's own slices (F. Quarenghi 2021, 'Baseline implementation of deep clustering with convolutional autoencoders for medical imaging classification') are published in its public repository",
  }),
  manifest: Type.Optional(
    Type.String({
      description:
        'CSV file in the folder, one row a picture. Without one, all pictures below the folder are taken, in all its sub-folders.',
      when: images,
    }),
  ),
  file: Type.String({
    description: "Column of the manifest with the picture's path, relative to the folder.",
    default: 'file',
    when: images,
  }),
  label: Type.Optional(
    Type.String({ description: 'Column of the manifest that holds the class.', when: images }),
  ),
  subject: Type.Optional(
    Type.String({
      description: 'Column of the manifest that says which subject or volume a picture is of.',
      when: images,
    }),
  ),
  labelsFromFolders: Type.Boolean({
    description: 'Without a manifest: the name of the folder that a picture lies in is its class.',
    default: false,
    when: images,
  }),
  onBad: Type.Enum(['fail', 'skip'], {
    description:
      'What to do about pictures that cannot be used (damaged, missing, without a class): fail naming all of them, or leave them out, on record in report.json.',
    default: 'fail',
    when: images,
  }),
  images: Type.String({ description: 'IDX file of pictures, plain or gzipped.', path: true, when: idx }),
  labels: Type.Optional(Type.String({ description: 'IDX file of their classes.', path: true, when: idx })),
  offset: Type.Integer({ description: 'First picture to take.', default: 0, minimum: 0, when: idx }),
  limit: Type.Optional(
    Type.Integer({ description: 'Number of pictures to take; all where absent.', minimum: 1, when: idx }),
  ),
  testImages: Type.Optional(
    Type.String({
      description:
        "A second IDX file of pictures; the column 'split' then says 'train' of the first and 'test' of these.",
      path: true,
      when: idx,
    }),
  ),
  testLabels: Type.Optional(
    Type.String({ description: 'IDX file of the classes of the second file.', path: true, when: idx }),
  ),
  testLimit: Type.Optional(
    Type.Integer({ description: 'Number of pictures to take of the second file.', minimum: 1, when: idx }),
  ),
  modalities: Type.Array(Type.Enum(['CT', 'MRI', 'PET']), {
    description: 'Modalities of the phantom; each is a class.',
    default: ['CT', 'MRI', 'PET'],
    minItems: 1,
    uniqueItems: true,
    when: phantom,
  }),
  subjects: Type.Integer({
    description: 'Subjects of each modality; no subject is in two.',
    default: 6,
    minimum: 1,
    maximum: 1000,
    when: phantom,
  }),
  slices: Type.Integer({
    description: 'Slices of each subject, spread from the eyes to the crown.',
    default: 10,
    minimum: 1,
    maximum: 200,
    when: phantom,
  }),
  size: Type.Integer({
    description: 'Side of the square slices.',
    default: 128,
    minimum: 8,
    maximum: 1024,
    unit: 'pixels',
    when: phantom,
  }),
  seed: Type.Integer({
    description: "Which heads. Not the pipeline's seed: a sweep over that one must not make other data.",
    default: 0,
    minimum: 0,
    when: phantom,
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'ingest',
  summary: 'Takes images in, with what is known of them: subjects, classes, further columns.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {},
  outputs: [
    { path: 'images.json', description: 'Which array file holds which item.' },
    { path: 'images/', description: 'One array a subject, NPY [n, height, width].' },
    { path: 'index.csv', description: 'Items with the pseudonyms of their subjects.' },
    { path: 'labels.csv', description: "Items' classes.", optional: true },
    { path: 'columns/', description: 'One file for each other column of the manifest.', optional: true },
    { path: 'report.json', description: 'What was taken, what was left out, and why.' },
  ],
  offers: ['image-set', 'index', 'labels'],
  sources: [
    { parameter: 'path', kind: 'folder', when: images },
    { parameter: 'images', kind: 'file', when: idx },
    { parameter: 'labels', kind: 'file', when: idx },
    { parameter: 'testImages', kind: 'file', when: idx },
    { parameter: 'testLabels', kind: 'file', when: idx },
  ],
  random: false,
  engine: false,
  exact: true,
};

export default declaration;

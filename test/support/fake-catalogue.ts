import type { Catalogue, InputDeclaration, StageDeclaration } from '../../src/core/declaration.ts';
import type { JsonObject } from '../../src/core/json.ts';

const input = (kind: string, more: Partial<InputDeclaration> = {}): InputDeclaration => ({
  description: `what ${kind} is`,
  kind,
  reads: ['a.npy'],
  ...more,
});

const stage = (
  name: string,
  parts: Partial<StageDeclaration> & { properties?: { [name: string]: JsonObject }; required?: string[] },
): StageDeclaration => {
  const { properties = {}, required = [], ...rest } = parts;
  return {
    name,
    summary: `the stage ${name}`,
    parameters: { type: 'object', additionalProperties: false, properties, required },
    inputs: {},
    outputs: [{ path: 'a.npy', description: 'an array' }],
    offers: [],
    random: false,
    engine: false,
    exact: true,
    ...rest,
  };
};

const stages: StageDeclaration[] = [
  stage('ingest', {
    offers: ['image-set', 'labels', 'index'],
    properties: {
      source: {
        type: 'string',
        enum: ['phantom', 'images'],
        default: 'images',
        description: 'where images come from',
      },
      path: {
        type: 'string',
        path: true,
        when: { source: ['images'] },
        description: 'folder of pictures',
        requiredMessage: "give its place by '--set data=FOLDER'; the heads are published at example.org",
      },
      manifest: { type: 'string', when: { source: ['images'] }, description: 'a CSV file in that folder' },
      subjects: {
        type: 'integer',
        minimum: 1,
        default: 5,
        when: { source: ['phantom'] },
        description: 'how many heads',
      },
      threads: { type: 'integer', minimum: 1, default: 1, execution: true, description: 'how many at once' },
    },
    required: ['source', 'path'],
    sources: [{ parameter: 'path', kind: 'folder', when: { source: ['images'] } }],
  }),
  stage('normalise', {
    offers: ['image-set'],
    inputs: { images: input('image-set') },
    properties: {
      size: {
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        minItems: 2,
        maxItems: 2,
        default: [128, 128],
        description: 'height and width',
        unit: 'pixels',
      },
      flip: { type: 'boolean', description: 'left becomes right' },
    },
  }),
  stage('split', {
    offers: ['dataset'],
    inputs: { images: input('image-set'), index: input('index') },
    properties: {
      by: {
        type: 'string',
        enum: ['slice', 'subject', 'column'],
        default: 'slice',
        description: 'what stays together',
      },
      seed: { type: 'integer', minimum: 0, default: 0, description: 'decides who goes where' },
    },
  }),
  stage('pretrain', {
    offers: ['model', 'history'],
    inputs: { dataset: input('dataset') },
    random: true,
    engine: true,
    properties: {
      embeddingDim: { type: 'integer', minimum: 1, default: 3, description: 'size of the embedding' },
      maxEpochs: { type: 'integer', minimum: 1, default: 1000, description: 'epochs at most' },
      network: {
        description: 'layers of the encoder',
        type: 'array',
        items: {
          anyOf: [
            {
              type: 'object',
              required: ['type', 'filters'],
              additionalProperties: false,
              properties: { type: { const: 'conv' }, filters: { type: 'integer', minimum: 1 } },
            },
            {
              type: 'object',
              required: ['type', 'units'],
              additionalProperties: false,
              properties: { type: { const: 'dense' }, units: { type: 'integer', minimum: 1 } },
            },
          ],
        },
      },
    },
  }),
  stage('kmeans-init', {
    offers: ['centres'],
    inputs: { dataset: input('dataset'), model: input('model') },
    random: true,
    engine: true,
    properties: {
      clusters: { type: 'integer', minimum: 1, description: 'how many clusters' },
      fitOn: {
        type: 'string',
        enum: ['train', 'all'],
        default: 'train',
        description: 'what they are fitted on',
      },
    },
    required: ['clusters'],
  }),
  stage('finetune', {
    offers: ['model', 'history'],
    inputs: { dataset: input('dataset'), model: input('model'), centres: input('centres') },
    random: true,
    engine: true,
    properties: {
      method: { anyOf: [{ const: 'dec' }, { const: 'dcec' }], default: 'dcec', description: 'which loss' },
      gamma: {
        anyOf: [{ type: 'number', minimum: 0 }, { const: 'balanced' }],
        default: 0.01,
        when: { method: ['dcec'] },
        description: 'weight of the clustering term',
      },
    },
  }),
  stage('evaluate', {
    offers: ['metrics'],
    metrics: [
      { name: 'acc', description: 'share that is right', better: 'higher' },
      { name: 'nmi', description: 'information shared', better: 'higher' },
    ],
    outputs: [
      { path: 'metrics.csv', description: 'a table' },
      { path: 'curves/', description: 'arrays' },
      { path: 'matrix.png', description: 'a picture' },
      { path: 'weights.safetensors', description: 'tensors' },
    ],
    inputs: {
      dataset: input('dataset'),
      model: input('model'),
      labels: input('labels'),
      centres: input('centres', { when: { method: ['kmeans'] } }),
      history: input('history', { optional: true }),
    },
    properties: {
      method: {
        type: 'string',
        enum: ['argmax', 'kmeans'],
        default: 'argmax',
        description: 'how clusters are assigned',
      },
    },
  }),
  stage('summarise', {
    offers: ['table'],
    anyInputs: input('metrics'),
    collects: true,
    properties: { title: { type: 'string', default: '', description: 'what stands above it' } },
  }),
];

export const fakeCatalogue: Catalogue = {
  format: 1,
  worker: 'c0de',
  stages: Object.fromEntries(
    stages.map((declaration) => [
      declaration.name,
      { declaration, module: `stages/${declaration.name}.js`, bundle: 'b0d1e5', code: 'c0de', modules: [] },
    ]),
  ),
};

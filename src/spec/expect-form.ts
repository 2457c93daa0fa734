import type { JsonObject } from '../core/json.ts';

export const axesForm: JsonObject = {
  description: 'Axes of the sweep to collect along: each distinct artifact on them is an input, once.',
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
  ],
};

const BOUNDS = { $ref: '#/definitions/bounds' };

const number = (description: string): JsonObject => ({ type: 'number', description });
const golden = (description: string): JsonObject => ({ type: ['number', 'null'], description });
const distance = (description: string): JsonObject => ({ type: 'number', minimum: 0, description });

const bounds: JsonObject = {
  type: 'object',
  description: 'Bounds on a number.',
  minProperties: 1,
  additionalProperties: false,
  properties: {
    atLeast: number('The smallest value allowed.'),
    atMost: number('The largest value allowed.'),
    between: {
      type: 'array',
      items: [{ type: 'number' }, { type: 'number' }],
      minItems: 2,
      maxItems: 2,
      description: 'The smallest and the largest value allowed.',
    },
    within: distance("How far from 'of' the value may be."),
    withinSd: distance("How many times 'sd' from 'of' the value may be."),
    of: golden('The golden value; `clade test --update` rewrites it, and fills in null.'),
    sd: golden("The golden standard deviation that 'withinSd' counts in; rewritten with 'of'."),
  },
  dependencies: { within: ['of'], withinSd: ['of', 'sd'], sd: ['withinSd'] },
};

/** What an array must be; a file of one array, or one tensor of several. */
const arrayProperties: JsonObject = {
  shape: {
    type: 'array',
    items: { type: ['integer', 'null'], minimum: 0 },
    description: 'Sizes of the array; null for any.',
  },
  dtype: {
    enum: ['float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'bool'],
    description: 'Type of the values, as numpy names it.',
  },
  // Spelt out: a definition that refers to another one is compiled apart, and its errors lose their place.
  values: { ...bounds, description: 'Bounds on every value.' },
};

const file: JsonObject = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  description: 'What a file of the artifact must be; that it is there, in any case.',
  properties: {
    present: { type: 'boolean', description: 'Must it be there, or must it not?', default: true },
    digest: {
      type: ['string', 'null'],
      pattern: '^[0-9a-f]{8,64}$',
      description: 'SHA-256 of its bytes, or the start of it; `clade test --update` rewrites it.',
    },
    ...arrayProperties,
    tensors: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'object',
        minProperties: 1,
        additionalProperties: false,
        properties: arrayProperties,
      },
      description: 'Tensors of a safetensors file: shape, dtype, values of each.',
    },
    columns: {
      anyOf: [
        { type: 'array', items: { type: 'string' }, minItems: 1 },
        {
          type: 'object',
          minProperties: 1,
          additionalProperties: { anyOf: [{ type: 'null' }, bounds] },
        },
      ],
      description: 'Columns of a CSV table: exactly this list, or names that are among them, with bounds.',
    },
    rows: {
      anyOf: [{ type: 'integer', minimum: 0 }, bounds],
      description: 'How many rows a CSV table has, the header not counted.',
    },
    golden: {
      anyOf: [{ const: true }, { type: 'string', minLength: 1 }],
      description:
        'A file it must equal, relative to the pipeline file; true: one in the folder NAME.golden beside it. `clade test --update` writes it.',
    },
    within: distance('How far any number may be from the golden one.'),
    meanDifference: distance('Of a picture: mean absolute difference of a channel, 0 to 255.'),
    maxDifference: distance('Of a picture: largest absolute difference of a channel, 0 to 255.'),
    differingPixels: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'Of a picture: share of pixels that look different.',
    },
  },
  dependencies: {
    within: ['golden'],
    meanDifference: ['golden'],
    maxDifference: ['golden'],
    differingPixels: ['golden'],
  },
};

const files: JsonObject = {
  type: 'object',
  minProperties: 1,
  additionalProperties: { $ref: '#/definitions/file' },
  description: "Files of the step's artifact: a path, `*` for any characters but '/'.",
};

const entry: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    where: { type: 'object', minProperties: 1, description: 'Only points with these values.' },
    over: { ...axesForm, description: 'The axes that the statistics are taken over.' },
    metric: { type: 'string', minLength: 1, description: '<step>.<split>.<metric>, or <step>.<metric>.' },
    step: { type: 'string', minLength: 1, description: 'The step whose files are meant.' },
    files,
    ...(bounds.properties as JsonObject),
    // Beside 'metric' stand golden values of it; 'sd' of a statistic is bounds on the standard deviation.
    sd: {
      anyOf: [{ type: ['number', 'null'] }, BOUNDS],
      description: "With 'over' bounds on the standard deviation; without it the one 'withinSd' counts in.",
    },
    mean: BOUNDS,
    minimum: BOUNDS,
    maximum: BOUNDS,
    each: { ...BOUNDS, description: 'Bounds on every value.' },
  },
  dependencies: { within: ['of'], withinSd: ['of', 'sd'], step: ['files'], files: ['step'] },
};

/** The section `expect` of a pipeline; what a step's metrics and files are is beyond it. */
export const expectForm: JsonObject = {
  type: ['object', 'null'],
  description: '`clade test` holds the results against these.',
  properties: {
    sweep: { type: 'array', items: entry, description: 'Expectations on some points, or over several.' },
  },
  additionalProperties: {
    type: 'object',
    minProperties: 1,
    properties: { files },
    additionalProperties: BOUNDS,
    description:
      'Metrics of this step, <split>.<metric>, with their bounds, and its files; they hold at every point.',
  },
};

export const expectDefinitions: JsonObject = { bounds, file };

import { DURATION_PATTERN } from '../core/duration.ts';
import type { JsonObject } from '../core/json.ts';
import { axesForm, expectDefinitions, expectForm } from './expect-form.ts';

/** Parameters and axes: they stand in step ids, which are names of folders on every system. */
const NAME = '^[A-Za-z_][A-Za-z0-9_-]*$';

const points: JsonObject = {
  type: ['array', 'null'],
  items: { type: 'object', minProperties: 1 },
};

const resources: JsonObject = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  description:
    'What the step takes of the machine while it is executed, where its stage does not say it right.',
  properties: {
    cpu: { type: 'integer', minimum: 1, description: 'Cores that it needs at least.' },
    threads: {
      type: 'integer',
      minimum: 1,
      description: 'The most cores that it can use; it gets more than cpu where nobody else needs them.',
    },
    memoryMiB: { type: 'integer', minimum: 0, description: 'Memory, in MiB.' },
    gpu: {
      type: 'number',
      minimum: 0,
      description: 'GPUs, which it has for itself; below 1 its share of one, such as 0.5.',
    },
  },
};

/** A stage of the pipeline, whatever it uses: what does not depend on the catalogue. */
export const stageForm: JsonObject = {
  type: 'object',
  required: ['uses'],
  additionalProperties: false,
  properties: {
    uses: { type: 'string', minLength: 1, description: 'The kind of stage.' },
    needs: {
      type: ['object', 'null'],
      description: 'Inputs: the name of each, and the step it comes from.',
      additionalProperties: { type: 'string', minLength: 1 },
    },
    with: { type: ['object', 'null'], description: "The stage's parameters." },
    over: axesForm,
    missing: {
      enum: ['fail', 'allow'],
      default: 'fail',
      description:
        'What a collecting step does where points have no artifact: fail naming them, or make do, which its record says.',
    },
    resources,
    retries: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      description:
        'How often an attempt that died, timed out or broke is followed by another; bad data is never tried again.',
      default: 0,
    },
    timeout: {
      type: 'string',
      pattern: DURATION_PATTERN,
      description: 'How long one attempt may take: 90s, 45m, 2h, 1h 30m.',
    },
  },
};

const range = (description: string, type: 'number' | 'integer'): JsonObject => ({
  type: 'array',
  items: { type },
  minItems: 2,
  maxItems: 2,
  description,
});

const distribution: JsonObject = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  description: 'How values of this axis are drawn: one of uniform, logUniform, integer, choice.',
  properties: {
    uniform: range('Any number between these two.', 'number'),
    logUniform: range('As uniform, on a logarithmic scale; both above 0.', 'number'),
    integer: range('A whole number between these two, both included.', 'integer'),
    choice: { type: 'array', minItems: 1, description: 'One of these.' },
  },
};

const random: JsonObject = {
  type: ['object', 'null'],
  required: ['points'],
  additionalProperties: distribution,
  description:
    'Points drawn at random, the same ones each time: how many, and how the values of each axis are drawn.',
  properties: {
    points: {
      type: 'integer',
      minimum: 1,
      maximum: 100_000,
      description: 'How many are drawn; a larger number keeps those drawn before.',
    },
    seed: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: "Of the draw alone; seeds of the pipeline are an axis of 'grid'",
    },
  },
};

const sweep: JsonObject = {
  type: ['object', 'null'],
  minProperties: 1,
  additionalProperties: false,
  description:
    'Points: every combination of grid, zip and random, less what matches exclude, plus what include lists.',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 100, description: 'What people call this sweep.' },
    grid: {
      type: ['object', 'null'],
      minProperties: 1,
      additionalProperties: { type: 'array', minItems: 1, description: 'The values of this axis.' },
      description: "Every combination of these values; an axis is one of 'params', or 'seed'.",
    },
    zip: {
      type: ['object', 'null'],
      minProperties: 1,
      additionalProperties: { type: 'array', minItems: 1, description: 'The values of this axis.' },
      description: 'Lists of one length, side by side: the first value of each is one point, and so on.',
    },
    random,
    include: { ...points, description: 'Further points; axes left out keep their value from params.' },
    exclude: { ...points, description: 'Points to leave out: those with all these values.' },
  },
};

/** Sections that many pipelines lack: validated apart, so that only those present cost anything. */
export const sectionForms: { readonly [section: string]: JsonObject } = {
  sweep,
  expect: { ...expectForm, definitions: expectDefinitions },
};

/** A pipeline file without its sections, and without what the stages add to it. */
export const coreForm: JsonObject = {
  type: 'object',
  required: ['stages'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: "What runs of this pipeline are called; the file's name where absent.",
    },
    seed: {
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      default: 0,
      description: 'All that is random follows from it.',
    },
    engine: {
      type: 'string',
      minLength: 1,
      description:
        'What computes: wasm (exact on every machine), tensorflow, webgpu; auto measures those that are here. --engine and CLADE_ENGINE come before it; wasm where nobody says.',
    },
    params: {
      type: ['object', 'null'],
      propertyNames: { pattern: NAME },
      description:
        'Values that stages refer to by ${{ params.NAME }}, and that --set and the sweep may change.',
    },
    stages: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: NAME },
      // What is wrong with a timeout, `checkPolicy` says better than a pattern.
      additionalProperties: {
        ...stageForm,
        properties: { ...(stageForm.properties as JsonObject), timeout: {} },
      },
      description: 'The steps: a name of your choice, the stage it uses, what it needs, and its parameters.',
    },
    sweep: {},
    expect: {},
  },
};

/** All of a pipeline file but what the stages add to it (JSON Schema draft-07). */
export const pipelineForm: JsonObject = {
  ...coreForm,
  properties: { ...(coreForm.properties as JsonObject), sweep, expect: expectForm },
  definitions: expectDefinitions,
};

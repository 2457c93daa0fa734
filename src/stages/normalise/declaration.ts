import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object({
  size: Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), {
    description: 'Height and width that come out.',
    default: [128, 128],
    minItems: 2,
    maxItems: 2,
    unit: 'pixels',
  }),
  fit: Type.Enum(['stretch', 'pad'], {
    description: 'Fill the size whatever the aspect, or keep the aspect and pad.',
    default: 'stretch',
  }),
  background: Type.Number({
    description: 'What is padded with, where 0 is black and 1 white.',
    default: 0,
    when: { fit: ['pad'] },
  }),
  resampling: Type.Enum(['lanczos', 'bilinear', 'nearest'], {
    description: 'Kernel; all but nearest are widened where pictures shrink (antialiasing).',
    default: 'lanczos',
  }),
  intensity: Type.Enum(['none', 'window', 'percentiles', 'standardise'], {
    description:
      'What is done to the values of each image: nothing; a window as radiology uses it; percentiles of the image to 0 and 1; mean 0 and standard deviation 1.',
    default: 'none',
  }),
  windowCentre: Type.Number({
    description: 'Middle of the window, as a share of white.',
    default: 0.5,
    when: { intensity: ['window'] },
  }),
  windowWidth: Type.Number({
    description: 'Width of the window, as a share of white.',
    default: 1,
    exclusiveMinimum: 0,
    when: { intensity: ['window'] },
  }),
  lowerPercentile: Type.Number({
    description: 'Percentile that becomes 0.',
    default: 1,
    minimum: 0,
    maximum: 100,
    unit: '%',
    when: { intensity: ['percentiles'] },
  }),
  upperPercentile: Type.Number({
    description: 'Percentile that becomes 1.',
    default: 99,
    minimum: 0,
    maximum: 100,
    unit: '%',
    when: { intensity: ['percentiles'] },
  }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'normalise',
  summary: 'Brings images to one size and one range of values, each by itself.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {
    images: { description: 'What to normalise.', kind: 'image-set', reads: ['images.json', 'images/'] },
  },
  outputs: [
    { path: 'images.json', description: 'Which array file holds which item.' },
    { path: 'images/', description: 'The images, float32, all of one size.' },
  ],
  offers: ['image-set'],
  random: false,
  engine: false,
  exact: true,
  // Peaks of the worker on the wasm engine, rounded up: 480 to 2,160 pictures of 64 and 128 pixels' side.
  needs: { memoryMiB: 80, memoryPerInput: 6 },
};

export default declaration;

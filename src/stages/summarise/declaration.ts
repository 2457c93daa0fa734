import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object({
  metrics: Type.Array(Type.String(), {
    description: 'Metrics to show, in this order.',
    default: ['acc', 'nmi', 'ari', 'mse', 'kl'],
    minItems: 1,
    uniqueItems: true,
  }),
  splits: Type.Array(Type.Enum(['train', 'val', 'test']), {
    description: 'Splits to show; a metric that only train has (kl) is shown as that.',
    default: ['test'],
    minItems: 1,
    uniqueItems: true,
  }),
  average: Type.Array(Type.String(), {
    description: 'Axes of the sweep to take mean and standard deviation over; all others make rows.',
    default: ['seed'],
    uniqueItems: true,
  }),
  axis: Type.Optional(
    Type.String({ description: 'Axis of the sweep to draw the first metric against (Figures 3.9, 3.10).' }),
  ),
  caption: Type.String({ description: 'Caption of the LaTeX table.', default: '' }),
});
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'summarise',
  summary: 'Puts metrics of several steps and points into one table: mean ± standard deviation, and n.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {},
  anyInputs: {
    description: 'What to show; the name of the input is the name of its rows.',
    kind: 'metrics',
    reads: ['metrics.json'],
  },
  outputs: [
    { path: 'table.csv', description: 'One row a group of points: mean, sd and n of each metric.' },
    { path: 'table.md', description: 'The same to read.' },
    { path: 'table.tex', description: 'The same for a paper (booktabs).' },
    { path: 'points.csv', description: 'Every point with its metrics, nothing averaged.' },
    { path: 'against-axis.svg', description: 'The first metric against the axis.', optional: true },
    { path: 'against-axis.png', description: 'The same.', optional: true },
  ],
  offers: ['table'],
  random: false,
  engine: false,
  exact: false,
  collects: true,
};

export default declaration;

import Type, { type Static } from 'typebox';
import type { ParameterSchema, StageDeclaration } from '../../core/declaration.ts';

const parameters = Type.Object(
  {
    run: Type.Unsafe<string | string[]>({
      description:
        "The command. Text goes to 'sh -eu', a reference within it quoted; a list is a program and its arguments, without a shell.",
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', items: { type: 'string' }, minItems: 1 },
      ],
      shell: true,
    }),
    sources: Type.Array(Type.String({ minLength: 1 }), {
      description:
        'Files and folders that it reads, its own code first of all; what a Python, R or shell script takes in from beside it counts by itself. They lie in its folder under these names.',
      default: [],
      uniqueItems: true,
      path: true,
    }),
    versions: Type.Array(Type.String({ minLength: 1 }), {
      description:
        "Commands for 'sh' whose output says which versions are installed: other lines, and the step is stale.",
      default: [],
      uniqueItems: true,
    }),
    outputs: Type.Optional(
      Type.Array(Type.String({ minLength: 1, pattern: '^(?!/|\\.\\.?(/|$))(?!.*/\\.\\.?(/|$))' }), {
        description:
          "Files (and folders, with '/' at the end) that it must write below $OUT, relative to that folder. Where absent, whatever it writes.",
        uniqueItems: true,
      }),
    ),
    env: Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.String(), {
      description:
        'Variables beside PATH, HOME, user, locale (C.UTF-8), time zone (UTC) and numbers of threads.',
      default: {},
    }),
  },
  { additionalProperties: true },
);
export type Parameters = Static<typeof parameters>;

const declaration: StageDeclaration = {
  name: 'command',
  summary: 'Runs any program, with declared inputs, outputs and parameters, in a folder of its own.',
  parameters: parameters as unknown as ParameterSchema,
  inputs: {},
  anyInputs: {
    description: 'An artifact; its folder is $IN_NAME.',
    kind: 'any',
    reads: ['*'],
    optional: true,
  },
  outputs: [{ path: '*', description: 'What the command writes below $OUT.' }],
  offers: ['any'],
  sources: [
    { parameter: 'sources', kind: 'code' },
    { parameter: 'versions', kind: 'output' },
  ],
  random: false,
  engine: false,
  exact: false,
  collects: true,
};

export default declaration;

import type { StageFault } from '../core/declaration.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { completeDeclaration, type OwnStageDeclaration } from '../core/own-stage.ts';
import { GPU_HINT, isGpuDemand } from '../core/resources.ts';
import { suggest } from '../core/suggest.ts';
import { type PropertySchema, propertiesOf } from './check-parameters.ts';
import { explainErrors } from './explain-errors.ts';
import { own } from './own.ts';
import { pathText } from './problem.ts';
import { validateValue } from './validate-value.ts';

const text: JsonObject = { type: 'string', minLength: 1 };
const texts: JsonObject = { type: 'array', items: text };
const flag: JsonObject = { type: 'boolean' };
const count: JsonObject = { type: 'integer', minimum: 0 };
const when: JsonObject = { type: 'object', additionalProperties: { type: 'array', minItems: 1 } };

const closed = (properties: JsonObject, required: readonly string[]): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

const input = closed(
  {
    description: text,
    kind: { ...text, description: "what it takes: 'dataset', 'image-set', 'labels', 'model' …, or 'any'" },
    reads: {
      type: 'array',
      minItems: 1,
      description: "the files that it reads: 'items.csv', a folder 'images/', or '*' for all",
      items: { anyOf: [text, closed({ file: text, when }, ['file', 'when'])] },
    },
    optional: flag,
    when,
  },
  ['description', 'kind', 'reads'],
);

/** The form of what a `declaration` of a stage of the user's exports. */
const declarationForm: JsonObject = closed(
  {
    summary: { ...text, description: 'one line: what it is for' },
    parameters: {
      type: 'object',
      description: "a JSON Schema: { type: 'object', properties: { … } }",
      required: ['properties'],
      properties: {
        type: { const: 'object' },
        properties: { type: 'object', additionalProperties: { type: 'object' } },
        required: texts,
      },
    },
    inputs: { type: 'object', additionalProperties: input, description: 'by name; {} for none' },
    anyInputs: input,
    outputs: {
      type: 'array',
      description: 'what it writes below context.out',
      items: closed({ path: text, description: text, optional: flag }, ['path', 'description']),
    },
    offers: { ...texts, description: 'the kinds of input that its artifact can serve as' },
    sources: {
      type: 'array',
      items: closed({ parameter: text, kind: { enum: ['folder', 'file'] }, when }, ['parameter', 'kind']),
    },
    metrics: {
      type: 'array',
      items: closed({ name: text, description: text, better: { enum: ['higher', 'lower', 'neither'] } }, [
        'name',
        'description',
        'better',
      ]),
    },
    random: flag,
    engine: flag,
    workload: texts,
    exact: flag,
    collects: flag,
    each: closed({ item: text, input: text, when }, ['item', 'input']),
    needs: closed(
      {
        cpu: { type: 'integer', minimum: 1 },
        threads: { type: 'integer', minimum: 1 },
        memoryMiB: count,
        memoryPerInput: { type: 'number', minimum: 0 },
        gpu: { type: 'number', minimum: 0 },
      },
      [],
    ),
    seesLabels: texts,
  },
  ['summary', 'inputs', 'outputs'],
);

/** What is wrong with the declaration of a stage in a folder of the user's: the first thing; null where nothing is. */
export function checkDeclaration(given: OwnStageDeclaration, uses: string): StageFault | null {
  const value = given as unknown as JsonObject;
  const problems = explainErrors(validateValue(declarationForm, value), {
    path: [],
    subject: (path) => (path.length === 0 ? 'the declaration' : `'${pathText(path)}'`),
    references: false,
  });
  // A word that is misspelt is missing too: the slip says more.
  const problem = problems.find(({ code }) => code === 'unknown-key') ?? problems[0];
  if (problem) return { message: problem.message, ...(problem.hint ? { hint: problem.hint } : {}) };
  return checkParameterSchemas(given, uses) ?? checkNames(given, uses) ?? checkNeeds(given);
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];

/** Each parameter's schema is one, and its default is as it says. */
function checkParameterSchemas(given: OwnStageDeclaration, uses: string): StageFault | null {
  for (const [name, schema] of Object.entries(propertiesOf(completeDeclaration(uses, given)))) {
    const at = `'parameters.properties.${name}'`;
    const unknown = [schema.type].flat().find((type) => type !== undefined && !TYPES.includes(String(type)));
    if (unknown !== undefined)
      return {
        message: `${at} has the type ${JSON.stringify(unknown)}`,
        hint: suggest(String(unknown), TYPES, 'types are'),
      };
    try {
      const [wrong] = schema.default === undefined ? [] : validateValue(schema, schema.default);
      if (wrong) return explainDefault(name, schema);
    } catch (error) {
      return { message: `${at} is no JSON Schema: ${(error as Error).message}` };
    }
  }
  return null;
}

function explainDefault(name: string, schema: PropertySchema): StageFault {
  const [problem] = explainErrors(validateValue(schema, schema.default as Json), {
    path: [],
    subject: () => `the default of parameter '${name}'`,
    references: false,
  });
  return { message: problem.message };
}

/** Names that refer to something in the declaration lead to something. */
function checkNames(given: OwnStageDeclaration, uses: string): StageFault | null {
  const declaration = completeDeclaration(uses, given);
  const parameters = Object.keys(propertiesOf(declaration));
  const inputs = Object.keys(declaration.inputs);
  const conditions = [
    ...Object.entries(propertiesOf(declaration)).map(
      ([name, schema]) => [`parameters.properties.${name}`, schema.when] as const,
    ),
    ...Object.entries(declaration.inputs).map(([name, one]) => [`inputs.${name}`, one.when] as const),
    ['each', declaration.each?.when] as const,
  ];
  const references: [string, string, readonly string[], string][] = [
    ...((declaration.parameters.required ?? []) as string[]).map((name) =>
      ref('parameters.required', name, parameters, 'parameter'),
    ),
    ...(declaration.sources ?? []).map(({ parameter }) => ref('sources', parameter, parameters, 'parameter')),
    ...(declaration.workload ?? []).map((name) => ref('workload', name, parameters, 'parameter')),
    ...conditions.flatMap(([at, one]) =>
      Object.keys(one ?? {}).map((name) => ref(`${at}.when`, name, parameters, 'parameter')),
    ),
    ...(declaration.each ? [ref('each.input', declaration.each.input, inputs, 'input')] : []),
    ...(declaration.seesLabels ?? []).map((name) => ref('seesLabels', name, inputs, 'input')),
  ];
  for (const [at, name, known, kind] of references) {
    if (known.includes(name)) continue;
    const hint = suggest(name, known, `${kind}s are`) ?? `it declares no ${kind}s`;
    return { message: `'${at}' names '${name}', which is no ${kind}`, hint };
  }
  const source = (declaration.sources ?? []).find(
    ({ parameter }) => own(propertiesOf(declaration), parameter)?.path !== true,
  );
  if (source)
    return {
      message: `'sources' names '${source.parameter}', which is not declared to be a path`,
      hint: `write path: true in 'parameters.properties.${source.parameter}'`,
    };
  return null;
}

function checkNeeds({ needs }: OwnStageDeclaration): StageFault | null {
  if (needs?.gpu === undefined || isGpuDemand(needs.gpu)) return null;
  return { message: `'needs.gpu' cannot be ${needs.gpu}`, hint: GPU_HINT };
}

function ref(
  at: string,
  name: string,
  known: readonly string[],
  kind: string,
): [string, string, readonly string[], string] {
  return [at, name, known, kind];
}

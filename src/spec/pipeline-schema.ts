import type { Catalogue, StageDeclaration } from '../core/declaration.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { propertiesOf } from './check-parameters.ts';
import { pipelineForm, stageForm } from './pipeline-form.ts';

/**
 * The JSON Schema of pipeline files with the parameters of every stage, for editors (draft-07, which
 * YAML language servers know best). What it refuses `parsePipeline` refuses too; references between
 * parts of a file are beyond any schema and left to the parser.
 */
export function buildPipelineSchema(catalogue: Catalogue): JsonObject {
  // Two folders of the user's may have one name: `uses` tells them apart.
  const declarations = Object.entries(catalogue.stages).map(([uses, { declaration }]) => ({
    ...declaration,
    name: uses,
  }));
  const properties = pipelineForm.properties as { readonly [name: string]: JsonObject };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'clade pipeline',
    ...pipelineForm,
    properties: {
      ...properties,
      stages: { ...properties.stages, additionalProperties: describeStages(declarations) },
    },
    definitions: { ...(pipelineForm.definitions as JsonObject), reference: REFERENCE },
  };
}

/** A folder of the user's; what it takes is for the parser to say. */
const OWN_STAGE = '^\\.\\.?/.*[^./]';

/** Stands for any value: what it becomes is known when the sweep is expanded. */
const REFERENCE: JsonObject = {
  type: 'string',
  pattern: '\\$\\{\\{.*\\}\\}',
  description: 'A reference: ${{ params.NAME }}, ${{ sweep.AXIS }} or ${{ seed }}.',
};

function describeStages(declarations: readonly StageDeclaration[]): JsonObject {
  const form = stageForm.properties as { readonly [name: string]: JsonObject };
  return {
    ...stageForm,
    properties: {
      ...form,
      uses: {
        ...form.uses,
        anyOf: [{ enum: declarations.map(({ name }) => name) }, { pattern: OWN_STAGE }],
      },
    },
    allOf: declarations.map((declaration) => ({
      if: { required: ['uses'], properties: { uses: { const: declaration.name } } },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
      then: describeStage(declaration, form),
    })),
  };
}

/** What one stage takes, put upon the form that all have. */
function describeStage(
  declaration: StageDeclaration,
  form: { readonly [name: string]: JsonObject },
): JsonObject {
  const { name, summary, inputs, anyInputs, collects } = declaration;
  const required = alwaysNeeded(declaration);
  const neededInputs = Object.entries(inputs).flatMap(([input, { optional, when }]) =>
    optional || when ? [] : [input],
  );
  return {
    ...(required.length > 0 || neededInputs.length > 0
      ? {
          required: [...(required.length > 0 ? ['with'] : []), ...(neededInputs.length > 0 ? ['needs'] : [])],
        }
      : {}),
    properties: {
      uses: { const: name, description: summary },
      with: {
        type: required.length > 0 ? 'object' : ['object', 'null'],
        description: `Parameters of ${name}: ${summary}`,
        additionalProperties: declaration.parameters.additionalProperties ?? false,
        required,
        properties: Object.fromEntries(
          Object.entries(propertiesOf(declaration)).map(([parameter, schema]) => [
            parameter,
            acceptReferences(schema),
          ]),
        ),
      },
      needs: {
        type: neededInputs.length > 0 ? 'object' : ['object', 'null'],
        description: form.needs.description,
        required: neededInputs,
        properties: Object.fromEntries(
          Object.entries(inputs).map(([input, { description, kind }]) => [
            input,
            { type: 'string', minLength: 1, description: `${description} (a step that offers ${kind})` },
          ]),
        ),
        additionalProperties: anyInputs
          ? {
              type: 'string',
              minLength: 1,
              description: `${anyInputs.description} (a step that offers ${anyInputs.kind})`,
            }
          : false,
      },
      ...(collects ? {} : { over: false }),
    },
  };
}

/** Parameters without which no file can be right; those under a condition are left to the parser. */
function alwaysNeeded(declaration: StageDeclaration): string[] {
  const properties = propertiesOf(declaration);
  const required = (declaration.parameters.required ?? []) as readonly string[];
  return required.filter(
    (name) => properties[name]?.default === undefined && properties[name]?.when === undefined,
  );
}

/** Keywords that are for people and stay where editors look for them. */
const FOR_PEOPLE = ['title', 'description', 'default', 'examples', 'unit'];

/** The schema, satisfied by a reference too, wherever a value may stand in it. */
function acceptReferences(schema: JsonObject): JsonObject {
  const kept = Object.entries(schema).filter(([keyword]) => FOR_PEOPLE.includes(keyword));
  const deciding = Object.entries(schema).filter(
    ([keyword]) => !FOR_PEOPLE.includes(keyword) && !ANNOTATIONS.includes(keyword),
  );
  const inner = Object.fromEntries(
    deciding.map(([keyword, value]) => [keyword, acceptWithin(keyword, value)]),
  );
  return { ...Object.fromEntries(kept), anyOf: [inner, { $ref: '#/definitions/reference' }] };
}

/** `ParameterAnnotations`: for the planner. */
const ANNOTATIONS = ['when', 'path', 'requiredMessage', 'shell', 'execution'];

function acceptWithin(keyword: string, value: Json): Json {
  if (keyword === 'items' && Array.isArray(value))
    return value.map((item) => acceptReferences(item as JsonObject));
  if (keyword === 'items' || (keyword === 'additionalProperties' && typeof value === 'object')) {
    return acceptReferences(value as JsonObject);
  }
  if (keyword === 'properties') {
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([name, schema]) => [
        name,
        acceptReferences(schema as JsonObject),
      ]),
    );
  }
  if (keyword === 'anyOf' || keyword === 'oneOf') {
    return (value as readonly JsonObject[]).map((branch) =>
      Object.fromEntries(Object.entries(branch).map(([key, inner]) => [key, acceptWithin(key, inner)])),
    );
  }
  return value;
}

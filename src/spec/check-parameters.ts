import { applies, type StageDeclaration } from '../core/declaration.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { editDistance, suggest } from '../core/suggest.ts';
import { allowsNull } from './describe-schema.ts';
import { describeHint, explainErrors } from './explain-errors.ts';
import { own } from './own.ts';
import type { Problem, ValuePath } from './problem.ts';
import { pathText } from './problem.ts';
import { holdsReference } from './references.ts';
import { validateValue } from './validate-value.ts';

export interface ParameterCheck {
  readonly declaration: StageDeclaration;
  /** The step's key in the pipeline. */
  readonly step: string;
  readonly values: JsonObject;
  /** Are references still in the values? Then what hangs on them is not judged. */
  readonly references: boolean;
}

/** The schema of one parameter, with the annotations of `ParameterAnnotations`. */
export type PropertySchema = JsonObject & {
  readonly when?: { readonly [parameter: string]: readonly (string | number | boolean)[] };
};

/** The schemas of a stage's parameters, by name. */
export function propertiesOf(declaration: StageDeclaration): { readonly [name: string]: PropertySchema } {
  return (declaration.parameters.properties ?? {}) as { [name: string]: PropertySchema };
}

/**
 * Unknown, missing and wrong parameters of a step. Paths are relative to the step's `with`.
 */
export function checkParameters(check: ParameterCheck): Problem[] {
  const { declaration, step, values, references } = check;
  const properties = propertiesOf(declaration);
  const stage = stageText(step, declaration.name);
  const problems = Object.entries(values).flatMap(([name, value]) => checkParameter(check, name, value));
  const required = (declaration.parameters.required ?? []) as readonly string[];
  const applying = applyingParameters(properties, values, references);
  for (const name of required) {
    const schema = own(properties, name);
    if (!schema || own(values, name) !== undefined || schema.default !== undefined) continue;
    if (applying(name) === true) problems.push(missing(name, schema, stage));
  }
  return problems;
}

/** What is wrong with one of them, whatever the others are. */
export function checkParameter(check: Omit<ParameterCheck, 'values'>, name: string, value: Json): Problem[] {
  const { declaration, step } = check;
  const properties = propertiesOf(declaration);
  const schema = own(properties, name);
  if (schema) return checkValue(check, name, schema, value);
  const known = Object.keys(properties);
  if (isOpen(declaration) && !isSlip(name, known)) return [];
  const hint = suggest(name, known, 'its parameters are') ?? 'it has no parameters';
  const message = `unknown parameter '${name}' of ${stageText(step, declaration.name)}`;
  return [{ path: [name], at: 'key', code: 'unknown-parameter', message, hint }];
}

/**
 * Which parameters apply (`when`), looking at the values given and at defaults: `undefined` where it
 * hangs on a value that is still a reference. A parameter that does not apply has no value that
 * others could hang on.
 */
export function applyingParameters(
  properties: { readonly [name: string]: PropertySchema },
  values: JsonObject,
  references: boolean,
): (name: string) => boolean | undefined {
  const known = new Map<string, boolean | undefined>();
  const decide = (name: string): boolean | undefined => {
    if (known.has(name)) return known.get(name);
    known.set(name, false); // a circle of `when`s applies to nobody
    const { when } = own(properties, name) ?? {};
    const verdicts = Object.entries(when ?? {}).map(([control, allowed]): boolean | undefined => {
      const applied = decide(control);
      if (applied !== true) return applied;
      const value = own(values, control) ?? own(properties, control)?.default;
      if (references && value !== undefined && holdsReference(value)) return undefined;
      return value !== undefined && applies({ [control]: allowed }, { [control]: value });
    });
    const verdict = verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true;
    known.set(name, verdict);
    return verdict;
  };
  return decide;
}

function checkValue(
  check: Omit<ParameterCheck, 'values'>,
  name: string,
  schema: PropertySchema,
  value: Json,
): Problem[] {
  const { declaration, step, references } = check;
  const stage = stageText(step, declaration.name);
  if (value === null && !allowsNull(schema) && typeof schema.requiredMessage === 'string') {
    return [missing(name, schema, stage)];
  }
  return explainErrors(validateValue(schema, value), {
    path: [name],
    subject: (path: ValuePath) => `parameter '${pathText([name, ...path])}' of ${stage}`,
    references,
  }).map((problem) => ({ ...problem, code: PARAMETER_CODES[problem.code] ?? problem.code }));
}

const PARAMETER_CODES: { readonly [code: string]: string } = {
  'bad-value': 'bad-parameter',
  'unknown-key': 'unknown-parameter',
  'missing-key': 'missing-parameter',
};

function missing(name: string, schema: PropertySchema, stage: string): Problem {
  const { requiredMessage } = schema;
  return {
    path: [name],
    at: 'key',
    code: 'missing-parameter',
    message: `${stage} needs the parameter '${name}'`,
    hint: typeof requiredMessage === 'string' ? requiredMessage : describeHint(schema),
  };
}

/** Does the stage take parameters that its schema does not name? */
function isOpen({ parameters }: StageDeclaration): boolean {
  const { additionalProperties } = parameters;
  return (
    additionalProperties === true ||
    (typeof additionalProperties === 'object' && additionalProperties !== null)
  );
}

/** `stage 'pretrain'`, or `step 'cae' (pretrain)` where the step has a name of its own. */
export function stageText(step: string, uses: string): string {
  return step === uses ? `stage '${uses}'` : `step '${step}' (${uses})`;
}

/** Where any name is allowed, one letter away from a word of the stage's own was that word. */
function isSlip(name: string, known: readonly string[]): boolean {
  return known.some((word) => editDistance(name.toLowerCase(), word) === 1);
}

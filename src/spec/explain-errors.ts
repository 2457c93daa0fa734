import type { ErrorObject } from 'ajv';
import type { Json, JsonObject } from '../core/json.ts';
import { nearest, suggest } from '../core/suggest.ts';
import { describeSchema, listedValues, showValue } from './describe-schema.ts';
import type { Problem, ValuePath } from './problem.ts';
import { holdsReference } from './references.ts';

export interface ErrorContext {
  /** Where the validated value stands. */
  readonly path: ValuePath;
  /** How messages name the value at a path, relative to the validated one. */
  readonly subject: (path: ValuePath) => string;
  /** May text with `${{ … }}` in it still become anything? */
  readonly references: boolean;
}

/** ajv's errors as sentences: which option, what was expected, what was given. */
export function explainErrors(errors: readonly ErrorObject[], context: ErrorContext): Problem[] {
  const told = new Set<string>();
  return settleUnions(withoutUndecided(errors, context)).flatMap((error) => {
    const problem = explain(error, context);
    // Several keywords of one schema fail together, and its words name them all.
    const key = JSON.stringify([problem.path, problem.at, problem.message]);
    if (told.has(key)) return [];
    told.add(key);
    return [problem];
  });
}

/** Leaves out what may still come right when references are expanded. */
function withoutUndecided(errors: readonly ErrorObject[], context: ErrorContext): ErrorObject[] {
  if (!context.references) return [...errors];
  let left = errors.filter(
    (error) => isUnion(error) || isAboutForm(error) || !holdsReference(error.data as Json),
  );
  // Inner unions have longer schema paths; an outer one hangs on what becomes of them.
  const unions = errors.filter(isUnion).sort((a, b) => b.schemaPath.length - a.schemaPath.length);
  for (const union of unions) {
    const { inside, branches } = partsOf(union, left);
    if (branches.every((branch) => branch.length > 0)) continue;
    left = left.filter((error) => error !== union && !inside.includes(error));
  }
  return left;
}

/** Keywords that hold whatever the values inside become. */
function isAboutForm({ keyword }: ErrorObject): boolean {
  return [
    'required',
    'additionalProperties',
    'propertyNames',
    'minProperties',
    'minItems',
    'maxItems',
  ].includes(keyword);
}

function isUnion({ keyword }: ErrorObject): boolean {
  return keyword === 'anyOf' || keyword === 'oneOf';
}

/**
 * Of a union either the alternative that was clearly meant keeps its errors, or the union itself is
 * what is told, never all alternatives' errors.
 */
function settleUnions(errors: readonly ErrorObject[]): ErrorObject[] {
  let left = [...errors];
  // Outer unions have shorter schema paths; inner ones are settled within the alternative that is kept.
  const unions = errors.filter(isUnion).sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  for (const union of unions) {
    if (!left.includes(union)) continue;
    const { inside, branches } = partsOf(union, left);
    const meant = branches.filter((branch) => branch.length > 0 && !isOfOtherForm(branch, union));
    const keep = meant.length === 1 ? meant[0] : mergeConstants(branches, union);
    const others = left.filter((error) => !inside.includes(error) && (error !== union || keep.length === 0));
    left = [...others, ...keep];
  }
  return left;
}

/** Where all alternatives are told apart by a constant of one property, and it is none of these: that is the error. */
function mergeConstants(branches: readonly (readonly ErrorObject[])[], union: ErrorObject): ErrorObject[] {
  const mappings = branches.filter(
    (branch) =>
      !branch.some((error) => error.instancePath === union.instancePath && error.keyword === 'type'),
  );
  const constants = mappings.flatMap((branch) =>
    branch
      .filter((error) => error.keyword === 'const' && error.instancePath !== union.instancePath)
      .slice(0, 1),
  );
  const [first] = constants;
  const sameProperty = constants.every((error) => error.instancePath === first.instancePath);
  if (!first || constants.length < mappings.length || !sameProperty) return [];
  const schema = { enum: constants.map((error) => (error.parentSchema as JsonObject).const) };
  return [{ ...first, keyword: 'enum', schema: schema.enum, parentSchema: schema }];
}

/** The errors inside a union, all of them and by alternative. */
function partsOf(union: ErrorObject, errors: readonly ErrorObject[]) {
  const prefix = `${union.schemaPath}/`;
  const inside = errors.filter((error) => error.schemaPath.startsWith(prefix) && isAtOrBelow(error, union));
  const branches = (union.schema as readonly JsonObject[]).map((_, index) =>
    inside.filter((error) => error.schemaPath.startsWith(`${prefix}${index}/`)),
  );
  return { inside, branches };
}

function isAtOrBelow(error: ErrorObject, union: ErrorObject): boolean {
  return error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`);
}

/** An alternative of another type, or told apart by a constant just below that differs. */
function isOfOtherForm(branch: readonly ErrorObject[], union: ErrorObject): boolean {
  return branch.some((error) => {
    const below = error.instancePath.slice(union.instancePath.length).split('/').length - 1;
    if (below === 0) return ['type', 'const', 'enum', 'anyOf', 'oneOf'].includes(error.keyword);
    return below === 1 && error.keyword === 'const';
  });
}

function explain(error: ErrorObject, context: ErrorContext): Problem {
  const inner = parsePointer(error.instancePath);
  const path = [...context.path, ...inner];
  const subject = context.subject(inner);
  const schema = (error.parentSchema ?? {}) as JsonObject;
  switch (error.keyword) {
    case 'required': {
      const name = String(error.params.missingProperty);
      const property = (schema.properties as JsonObject | undefined)?.[name] as JsonObject | undefined;
      const hint = property && describeHint(property);
      return { path, at: 'key', code: 'missing-key', message: `${subject} needs '${name}'`, hint };
    }
    case 'additionalProperties': {
      const name = String(error.params.additionalProperty);
      const known = Object.keys((schema.properties as JsonObject | undefined) ?? {});
      const message = `unknown key '${name}' in ${subject}`;
      return {
        path: [...path, name],
        at: 'key',
        code: 'unknown-key',
        message,
        hint: name === '<<' ? 'YAML 1.2 has no merge keys' : suggest(name, known, 'known are'),
      };
    }
    case 'propertyNames':
    case 'pattern':
      if (error.propertyName !== undefined || error.keyword === 'propertyNames') {
        const name = String(error.propertyName ?? error.params.propertyName);
        const message = `'${name}' cannot be a name in ${subject}: a name is letters, digits, '_' and '-', a letter first`;
        return { path: [...path, name], at: 'key', code: 'bad-key', message };
      }
      break;
    case 'dependencies': {
      const { property, missingProperty } = error.params;
      return {
        path,
        at: 'key',
        code: 'missing-key',
        message: `${subject} has '${property}' without '${missingProperty}'`,
      };
    }
    case 'minProperties':
      return {
        path,
        at: 'key',
        code: 'empty',
        message: `${subject} must not be empty`,
        hint: describeHint(schema),
      };
  }
  const given = error.data as Json;
  if (error.keyword === 'minItems' && Array.isArray(given) && given.length === 0) {
    const message = `${subject} is an empty list`;
    return { path, at: 'value', code: 'empty', message, hint: `it must be ${describeSchema(schema)}` };
  }
  const message = `${subject} must be ${describeSchema(schema)}, not ${showValue(given)}`;
  return { path, at: 'value', code: 'bad-value', message, hint: suggestValue(given, schema) };
}

function suggestValue(given: Json, schema: JsonObject): string | undefined {
  if (schema.type === 'boolean' && typeof given === 'string' && /^(yes|on|no|off|y|n)$/i.test(given)) {
    return `YAML 1.2 has no yes and no: write ${/^(y|on)/i.test(given)}`;
  }
  const near = typeof given === 'string' ? nearest(given, listedValues(schema).filter(isText)) : null;
  return near !== null ? `did you mean '${near}'?` : describeHint(schema);
}

/** What the option is for, and what it is where nobody says. */
export function describeHint(schema: JsonObject): string | undefined {
  const { description, default: standard, unit } = schema;
  const parts: string[] = [];
  if (typeof description === 'string') parts.push(description.replace(/\.$/, ''));
  if (typeof unit === 'string') parts.push(`in ${unit}`);
  if (standard !== undefined)
    parts.push(`default ${typeof standard === 'string' ? `'${standard}'` : JSON.stringify(standard)}`);
  return parts.length > 0 ? parts.join('; ') : undefined;
}

function parsePointer(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function isText(value: Json): value is string {
  return typeof value === 'string';
}

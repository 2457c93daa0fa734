import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import type { Json, JsonObject } from '../core/json.ts';

let ajv: Ajv | null = null;
const compiled = new Map<string, ValidateFunction>();
const bySchema = new WeakMap<JsonObject, ValidateFunction>();

/**
 * The errors of a value against a schema (draft-07), all of them. Compiling costs far more than
 * validating, so it is done when a schema is first used, and once for equal ones.
 */
export function validateValue(schema: JsonObject, value: Json): readonly ErrorObject[] {
  const validate = bySchema.get(schema) ?? compile(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => ({
    ...error,
    parentSchema: schemaAround(schema, error.schemaPath),
  }));
}

/** The part of this schema that an error is about: what was compiled may be an equal one with other words. */
function schemaAround(schema: JsonObject, schemaPath: string): JsonObject {
  const parts = schemaPath
    .split('/')
    .slice(1, -1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  let found: unknown = schema;
  for (const part of parts) found = (found as { [key: string]: unknown } | undefined)?.[part];
  return (found ?? {}) as JsonObject;
}

function compile(schema: JsonObject): ValidateFunction {
  // Words for people do not decide what is valid.
  const text = JSON.stringify(schema, (key, value) =>
    (key === 'description' || key === 'default') && typeof value !== 'object' ? undefined : value,
  );
  let validate = compiled.get(text);
  if (!validate) {
    ajv ??= new Ajv({
      strict: false,
      allErrors: true,
      verbose: true,
      // Our own schemas are checked by tests, not at every start.
      validateSchema: false,
      meta: false,
      validateFormats: false,
      logger: false,
    });
    validate = ajv.compile(schema);
    compiled.set(text, validate);
  }
  bySchema.set(schema, validate);
  return validate;
}

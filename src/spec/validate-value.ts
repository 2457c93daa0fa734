import { createRequire } from 'node:module';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import type { Json, JsonObject } from '../core/json.ts';
import { KNOWN_VALIDATORS } from './known-validators.ts';
import { AJV_OPTIONS, schemaText } from './schema-text.ts';

/** For the schemas of stages that are not ours; loaded when the first of them comes. */
const load = createRequire(import.meta.url);
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
  return (validate.errors ?? []).map((error) => ({ ...error, ...lookUp(error, schema, value) }));
}

/** What an error is about; from this schema, since what was compiled may be an equal one with other words. */
function lookUp({ schemaPath, instancePath }: ErrorObject, schema: JsonObject, value: Json) {
  const parts = schemaPath.split('/').slice(1).map(decodeURIComponent);
  const parentSchema = follow(schema, parts.slice(0, -1));
  return {
    parentSchema: parentSchema as JsonObject,
    schema: follow(schema, parts),
    data: follow(value, instancePath.split('/').slice(1)),
  };
}

function follow(start: unknown, pointer: readonly string[]): unknown {
  let found = start;
  for (const part of pointer) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found = (found as { readonly [key: string]: unknown } | undefined)?.[key];
  }
  return found;
}

function compile(schema: JsonObject): ValidateFunction {
  const text = schemaText(schema);
  let validate = KNOWN_VALIDATORS.get(text) ?? compiled.get(text);
  if (!validate) {
    // A validator runs a few times: its own speed is not worth the passes over its code.
    ajv ??= new (load('ajv') as typeof import('ajv')).Ajv({ ...AJV_OPTIONS, code: { optimize: false } });
    validate = ajv.compile(schema);
    compiled.set(text, validate);
  }
  bySchema.set(schema, validate);
  return validate;
}

import type { JsonObject } from '../core/json.ts';

/** Equal for schemas that accept the same values for the same reasons: words for people do not decide what is valid. */
export function schemaText(schema: JsonObject): string {
  return JSON.stringify(schema, (key, value) =>
    (key === 'description' || key === 'default') && typeof value !== 'object' ? undefined : value,
  );
}

/** How ajv compiles them, here and beforehand. */
export const AJV_OPTIONS = {
  strict: false,
  allErrors: true,
  messages: false,
  addUsedSchema: false,
  // Our own schemas are checked by tests, not at every start.
  validateSchema: false,
  meta: false,
  validateFormats: false,
  logger: false,
} as const;

import type { Json, JsonObject } from '../core/json.ts';
import type { PropertySchema } from '../spec/check-parameters.ts';
import { own } from '../spec/own.ts';

/** In the order of the declaration, whatever the file's, with what the schema says where nothing was given. */
export function fillDefaults(
  properties: { readonly [name: string]: PropertySchema },
  given: JsonObject,
  applying: (name: string) => boolean | undefined,
): JsonObject {
  const filled: { [name: string]: Json } = {};
  for (const [name, schema] of Object.entries(properties)) {
    if (applying(name) === false) continue;
    const value = own(given, name) ?? schema.default;
    if (value !== undefined) filled[name] = fillWithin(schema, value);
  }
  for (const [name, value] of Object.entries(given)) if (!(name in filled)) filled[name] = value;
  return filled;
}

/** Defaults of the properties of a parameter that is an object, or a list of such. */
export function fillWithin(schema: JsonObject, value: Json): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    const plain = typeof items === 'object' && items !== null && !Array.isArray(items);
    return plain ? value.map((item) => fillWithin(items as JsonObject, item)) : value;
  }
  const properties = schema.properties as { readonly [name: string]: PropertySchema } | undefined;
  if (value === null || typeof value !== 'object' || !properties) return value;
  return fillDefaults(properties, value as JsonObject, () => true);
}

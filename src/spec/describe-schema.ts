import type { Json, JsonObject } from '../core/json.ts';

/** A schema in words, to stand after "must be": "a whole number from 1 to 10". */
export function describeSchema(schema: JsonObject): string {
  if (schema.const !== undefined) return showValue(schema.const);
  if (Array.isArray(schema.enum)) return oneOf(schema.enum);
  const branches = branchesOf(schema);
  if (branches) {
    const constants = branches.flatMap((branch) => (branch.const !== undefined ? [branch.const] : []));
    if (constants.length === branches.length) return oneOf(constants);
    return [...new Set(branches.map(describeSchema))].join(', or ');
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.map((type) => describeType(String(type), schema)).join(' or ');
}

/** The alternatives of a union. */
export function branchesOf(schema: JsonObject): readonly JsonObject[] | null {
  const branches = schema.anyOf ?? schema.oneOf;
  return Array.isArray(branches) ? (branches as JsonObject[]) : null;
}

/** The single values that a schema lists: what a slip of the pen may have meant. */
export function listedValues(schema: JsonObject): Json[] {
  if (schema.const !== undefined) return [schema.const];
  if (Array.isArray(schema.enum)) return [...schema.enum];
  return (branchesOf(schema) ?? []).flatMap(listedValues);
}

export function allowsNull(schema: JsonObject): boolean {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return (
    types.includes('null') ||
    schema.const === null ||
    (Array.isArray(schema.enum) && schema.enum.includes(null)) ||
    (branchesOf(schema) ?? []).some(allowsNull)
  );
}

/** A value as a message shows it: short, and its kind plain to see. */
export function showValue(value: Json): string {
  if (value === null) return 'nothing (null)';
  if (typeof value === 'string') return `'${shorten(value)}'`;
  if (typeof value !== 'object') return String(value);
  const text = shorten(JSON.stringify(value));
  return Array.isArray(value) ? `the list ${text}` : `the mapping ${text}`;
}

function shorten(text: string): string {
  const line = text.replaceAll('\n', '\\n');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function oneOf(values: readonly Json[]): string {
  return values.length === 1 ? showValue(values[0]) : `one of ${values.map(showValue).join(', ')}`;
}

function describeType(type: string, schema: JsonObject): string {
  switch (type) {
    case 'integer':
      return `a whole number${describeRange(schema)}`;
    case 'number':
      return `a number${describeRange(schema)}`;
    case 'string': {
      const { minLength, pattern } = schema;
      const kind = typeof minLength === 'number' && minLength > 0 ? 'text that is not empty' : 'text';
      return typeof pattern === 'string' ? `${kind} matching ${pattern}` : kind;
    }
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'nothing (null)';
    case 'array':
      return describeList(schema);
    case 'object':
      return 'a mapping (key: value)';
    default:
      return 'a value of another form';
  }
}

function describeRange(schema: JsonObject): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const bounds: string[] = [];
  if (minimum !== undefined && maximum !== undefined) bounds.push(`from ${minimum} to ${maximum}`);
  else if (minimum !== undefined) bounds.push(`of at least ${minimum}`);
  else if (maximum !== undefined && exclusiveMinimum === undefined) bounds.push(`of at most ${maximum}`);
  if (exclusiveMinimum !== undefined) bounds.push(`above ${exclusiveMinimum}`);
  if (maximum !== undefined && exclusiveMinimum !== undefined) bounds.push(`of at most ${maximum}`);
  if (exclusiveMaximum !== undefined) bounds.push(`below ${exclusiveMaximum}`);
  if (multipleOf !== undefined) bounds.push(`a multiple of ${multipleOf}`);
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function describeList(schema: JsonObject): string {
  const { items, minItems, maxItems } = schema;
  const tuple = Array.isArray(items);
  const count = tuple ? items.length : minItems === maxItems ? minItems : undefined;
  const alike = tuple ? new Set(items.map((item) => JSON.stringify(item))).size === 1 : items !== undefined;
  const item = alike ? describeSchema((tuple ? items[0] : items) as JsonObject) : '';
  const different = schema.uniqueItems === true ? ', none twice' : '';
  const each = `${item === '' || item.includes('another form') ? '' : `, each ${item}`}${different}`;
  if (count !== undefined) return `a list of ${count} values${each}`;
  if (minItems !== undefined && maxItems !== undefined)
    return `a list of ${minItems} to ${maxItems} values${each}`;
  if (minItems !== undefined && Number(minItems) > 0) {
    return `a list of at least ${minItems} ${minItems === 1 ? 'value' : 'values'}${each}`;
  }
  return `a list${each}`;
}

import { matchesPattern, type OutputDeclaration, type StageDeclaration } from '../core/declaration.ts';
import { fileMatcher } from '../core/expectation.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { suggest } from '../core/suggest.ts';
import { checkBounds } from './check-bounds.ts';
import type { Problem, ValuePath } from './problem.ts';

export interface ExpectedFile {
  readonly step: string;
  readonly declaration: StageDeclaration | undefined;
  /** The step's parameters as written. */
  readonly values: JsonObject;
  /** A path in the artifact, maybe with `*`. */
  readonly file: string;
  readonly block: JsonObject;
  readonly path: ValuePath;
}

/** A file that the step cannot make, and what cannot be said of a file of its kind. */
export function checkExpectedFile(expected: ExpectedFile): Problem[] {
  return [...checkOutput(expected), ...checkKind(expected), ...checkContent(expected)];
}

function checkOutput({ step, declaration, file, path }: ExpectedFile): Problem[] {
  if (!declaration) return [];
  const outputs = declaration.outputs.map((output: OutputDeclaration) => output.path);
  // A stage that declares none makes what its parameters say.
  if (outputs.length === 0 || outputs.some((output) => mayMatch(file, output))) return [];
  const message = `step '${step}' (${declaration.name}) makes no file '${file}'`;
  return [{ path, at: 'key', code: 'unknown-output', message, hint: suggest(file, outputs, 'it makes') }];
}

function mayMatch(file: string, output: string): boolean {
  if (output.includes('{') || output === '*') return true; // named by a parameter, or whatever a command writes
  if (!file.includes('*')) return matchesPattern(file, [output]);
  if (output.endsWith('/')) return file.startsWith(output) || file.startsWith('*');
  return fileMatcher(file)(output);
}

const KINDS: { readonly [key: string]: readonly string[] } = {
  shape: ['npy'],
  dtype: ['npy'],
  values: ['npy'],
  tensors: ['safetensors'],
  columns: ['csv'],
  rows: ['csv'],
  within: ['npy', 'safetensors', 'csv', 'json'],
  meanDifference: ['png'],
  maxDifference: ['png'],
  differingPixels: ['png'],
};

function checkKind({ file, block, path }: ExpectedFile): Problem[] {
  const extension = /\.([A-Za-z0-9]+)$/.exec(file)?.[1].toLowerCase();
  if (extension === undefined) return [];
  return Object.keys(block).flatMap((name): Problem[] => {
    const kinds = KINDS[name];
    if (!kinds || kinds.includes(extension)) return [];
    const message = `'${name}' is said of ${kinds.map((kind) => `.${kind}`).join(', ')} files, and '${file}' is none`;
    const hint = extension === 'safetensors' ? "below 'tensors' it is said of each tensor" : undefined;
    return [{ path: [...path, name], at: 'key', code: 'bad-expectation', message, hint }];
  });
}

function checkContent({ block, path }: ExpectedFile): Problem[] {
  const { present, values, rows, columns, tensors } = block;
  const further = Object.keys(block).filter((name) => name !== 'present');
  const problems: Problem[] = [];
  if (present === false && further.length > 0) {
    const message = `the file must not be there, so nothing can be said of it: leave '${further[0]}' out`;
    problems.push({ path: [...path, further[0]], at: 'key', code: 'bad-expectation', message });
  }
  const bounded = (value: Json | undefined, place: ValuePath) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      problems.push(...checkBounds(value as JsonObject, place));
  };
  bounded(values, [...path, 'values']);
  bounded(rows, [...path, 'rows']);
  for (const [name, value] of entriesOf(columns)) bounded(value, [...path, 'columns', name]);
  for (const [name, value] of entriesOf(tensors))
    if (typeof value === 'object' && value !== null)
      bounded((value as JsonObject).values, [...path, 'tensors', name, 'values']);
  return problems;
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

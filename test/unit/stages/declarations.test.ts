import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type InputDeclaration,
  matchesPattern,
  type StageDeclaration,
} from '../../../src/core/declaration.ts';
import type { JsonObject } from '../../../src/core/json.ts';

const STAGES = resolve(import.meta.dirname, '../../../src/stages');
const declarations: StageDeclaration[] = [];
for (const name of readdirSync(STAGES)) {
  const module = (await import(join(STAGES, name, 'declaration.ts'))) as { default: StageDeclaration };
  declarations.push(module.default);
}

const propertiesOf = ({ parameters }: StageDeclaration) =>
  parameters.properties as { [name: string]: JsonObject & { when?: { [parameter: string]: unknown[] } } };

const inputsOf = ({ inputs, anyInputs }: StageDeclaration): [string, InputDeclaration][] => [
  ...Object.entries(inputs),
  ...(anyInputs ? [['any', anyInputs] as [string, InputDeclaration]] : []),
];

describe.each(
  declarations.map((declaration) => [declaration.name, declaration] as const),
)('%s', (_, declaration) => {
  it('describes every parameter, and applies each by values that the other can have', () => {
    const properties = propertiesOf(declaration);
    for (const [name, schema] of Object.entries(properties)) {
      expect(schema.description, name).toMatch(/\.$/);
      for (const [other, values] of Object.entries(schema.when ?? {})) {
        const known = properties[other].enum ?? (properties[other].type === 'boolean' ? [true, false] : []);
        expect(known, `${name} applies when ${other}`).toEqual(expect.arrayContaining(values));
      }
    }
  });

  it('takes its sources from parameters that are paths, and all of these', () => {
    const paths = Object.entries(propertiesOf(declaration)).filter(([, schema]) => schema.path === true);
    const sources = (declaration.sources ?? []).filter(({ kind }) => kind !== 'output');
    expect(paths.map(([name]) => name).sort()).toEqual(sources.map(({ parameter }) => parameter).sort());
    for (const { parameter, when } of sources)
      expect(propertiesOf(declaration)[parameter].when).toEqual(when);
  });

  it('reads files that a stage writes which offers the kind', () => {
    for (const [input, { kind, reads }] of inputsOf(declaration)) {
      if (kind === 'any') continue; // all files of whatever it is
      const written = declarations
        .filter(({ offers }) => offers.includes(kind))
        .flatMap(({ outputs }) => outputs.map(({ path }) => path));
      for (const pattern of reads) {
        const path = (typeof pattern === 'string' ? pattern : pattern.file)
          .replace('{split}', 'test')
          .replace('{column}', 'split');
        const isWritten = written.includes(path) || matchesPattern(path, written);
        expect(isWritten, `${input} reads ${path}`).toBe(true);
      }
    }
  });
});

it('lets labels into no stage that fits anything, but for the split that asks for them', () => {
  const readers = declarations.filter((declaration) =>
    inputsOf(declaration).some(([, { reads }]) =>
      reads.some((pattern) => (typeof pattern === 'string' ? pattern : pattern.file).startsWith('labels')),
    ),
  );
  expect(readers.map(({ name }) => name)).toEqual(['evaluate', 'figures', 'split']);
  const split = declarations.find(({ name }) => name === 'split')!;
  expect(split.inputs.labels.when).toEqual({ stratify: [true] });
  expect(propertiesOf(split).stratify.default).toBe(false);
});

// Compiles the schemas that every run needs into code, so that no run has to.
import { writeFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { transform } from 'esbuild';

/**
 * Writes the module that takes the place of src/spec/known-validators.ts.
 * @param schemas those of the pipeline's form and of each parameter of the catalogue's stages
 * @param words what src/spec/schema-text.ts exports
 * @returns a plugin for esbuild that puts it there
 */
export async function knownValidators(schemas, { schemaText, AJV_OPTIONS }, file) {
  const ajv = new Ajv({ ...AJV_OPTIONS, code: { source: true, esm: true } });
  const texts = [...new Map(schemas.map((schema) => [schemaText(schema), schema]))];
  const names = Object.fromEntries(texts.map((_, at) => [`v${at}`, `v${at}`]));
  for (const [at, [, schema]] of texts.entries()) ajv.addSchema(schema, `v${at}`);
  const entries = texts.map(([text], at) => `[${JSON.stringify(text)}, v${at}]`);
  const code = standaloneCode.default(ajv, names);
  const module = `${code}\nexport const KNOWN_VALIDATORS = new Map([\n${entries.join(',\n')}]);\n`;
  await writeFile(file, (await transform(module, { minify: true, format: 'esm', target: 'node20' })).code);
  return {
    name: 'known-validators',
    setup: ({ onResolve }) => onResolve({ filter: /\/known-validators\.ts$/ }, () => ({ path: file })),
  };
}

/** All schemas that checking a pipeline of our own stages asks for. */
export function schemasOf({ coreForm, sectionForms }, { stages }) {
  const parameters = Object.values(stages).flatMap(({ declaration }) =>
    Object.values(declaration.parameters.properties ?? {}),
  );
  return [coreForm, ...Object.values(sectionForms), ...parameters];
}

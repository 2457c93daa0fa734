import { basename, dirname } from 'node:path';
import type { Digest } from '../core/digest.ts';
import { byCodeUnit } from '../core/json.ts';
import { digestCodeClosure } from './code-closure.ts';

/**
 * The digest of the code behind each name that a module exports: whoever imports one of them counts that.
 * @param file absolute path of the module.
 * @param names its exports, types left out.
 * @param root absolute folder that module names are relative to.
 */
export async function digestLibrary(
  file: string,
  names: readonly string[],
  root: string,
): Promise<{ [name: string]: Digest }> {
  const digests = await Promise.all(
    [...names].sort(byCodeUnit).map(async (name): Promise<[string, Digest]> => {
      const text = `export { ${name} } from './${basename(file)}';\n`;
      const { code } = await digestCodeClosure({ text, folder: dirname(file) }, root);
      return [name, code];
    }),
  );
  return Object.fromEntries(digests);
}

import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { ROOT } from './clade.ts';

/** A change to one source file: this text, which is there exactly once, becomes that one. */
export interface Alteration {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Builds clade anew in a folder of its own, from a copy of the sources with one change.
 * @returns the command's file.
 */
export async function buildAltered(folder: string, { file, from, to }: Alteration): Promise<string> {
  for (const name of ['src', 'scripts', 'bin', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const text = readFileSync(join(folder, file), 'utf8');
  if (text.split(from).length !== 2) throw new Error(`'${from}' is not there exactly once in ${file}`);
  writeFileSync(join(folder, file), text.replace(from, to));
  await execa('node', ['scripts/build.mjs'], { cwd: folder });
  return join(folder, 'bin/clade.js');
}

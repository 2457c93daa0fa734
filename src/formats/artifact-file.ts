import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../core/failure.ts';
import type { Json } from '../core/json.ts';

/** Writes a file of an artifact, its folder made where it is missing. `path` is '/'-separated. */
export async function writeArtifactFile(
  folder: string,
  path: string,
  content: Uint8Array | string,
): Promise<void> {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}

/** @throws ExpectedFailure bad-input where the artifact has no such file. */
export async function readArtifactFile(folder: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return fail('bad-input', `the artifact has no file '${path}'`);
  }
}

/** Indented JSON with a final newline; keys in the order given. */
export async function writeJsonFile(folder: string, path: string, value: Json): Promise<void> {
  await writeArtifactFile(folder, path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * A JSON object of `format: 1`. What its fields hold is the caller's to check.
 * @throws ExpectedFailure bad-input where the file is missing, no JSON object, or of another format.
 */
export async function readJsonFile(folder: string, path: string): Promise<{ [key: string]: unknown }> {
  const value = parseJsonObject(new TextDecoder().decode(await readArtifactFile(folder, path)), path);
  if (value.format !== 1)
    fail('bad-input', `${path}: expected "format": 1, found ${JSON.stringify(value.format)}`);
  return value;
}

/** @throws ExpectedFailure bad-input where the text is not a JSON object. */
export function parseJsonObject(text: string, what: string): { [key: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail('bad-input', `${what}: not JSON: ${(error as Error).message}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    fail('bad-input', `${what}: expected a JSON object`);
  }
  return value as { [key: string]: unknown };
}

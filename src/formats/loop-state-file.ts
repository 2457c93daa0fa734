import { fail } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import { parseJsonObject } from './artifact-file.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

type LoopData = Float32Array | Float64Array | Uint32Array;

/** A training loop's state, as it goes into a checkpoint: numbers and named arrays. */
export interface StoredLoopState {
  readonly numbers: JsonObject;
  readonly arrays: ReadonlyMap<string, { readonly data: LoopData; readonly shape: readonly number[] }>;
}

const NUMBERS_FILE = 'state.json';
const ARRAYS_FILE = 'state.safetensors';

/** The state as files of a checkpoint: name → bytes. */
export function packLoopState({ numbers, arrays }: StoredLoopState): Map<string, Uint8Array> {
  return new Map([
    [NUMBERS_FILE, new TextEncoder().encode(JSON.stringify(numbers))],
    [ARRAYS_FILE, writeSafetensors({ tensors: arrays, metadata: {} })],
  ]);
}

/** @throws ExpectedFailure bad-input where the files are not those of `packLoopState`. */
export function unpackLoopState(files: ReadonlyMap<string, Uint8Array>): StoredLoopState {
  const { tensors } = readSafetensors(fileOf(files, ARRAYS_FILE), ARRAYS_FILE);
  const numbers = parseJsonObject(new TextDecoder().decode(fileOf(files, NUMBERS_FILE)), NUMBERS_FILE);
  const arrays = [...tensors].map(
    ([name, { data, shape }]) => [name, { data: data as LoopData, shape }] as const,
  );
  return { numbers: numbers as JsonObject, arrays: new Map(arrays) };
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  return files.get(name) ?? fail('bad-input', `the checkpoint has no file '${name}'`);
}

import type { FileRequirement } from '../core/expectation.ts';
import { fail } from '../core/failure.ts';
import { type NumberArray, npyType, readNpy } from '../formats/npy.ts';
import { readSafetensors } from '../formats/safetensors.ts';
import { holds } from './bounds.ts';
import type { Finding } from './check.ts';

interface NamedArray {
  readonly data: NumberArray;
  readonly shape: readonly number[];
  readonly dtype: string;
}

type ArrayRequirement = FileRequirement & { readonly is: 'shape' | 'dtype' };

export function inspectArray(bytes: Uint8Array, path: string, requirement: ArrayRequirement): Finding {
  const { shape, dtype } = readArray(bytes, path, requirement.tensor);
  if (requirement.is === 'dtype') return { ok: dtype === requirement.dtype, got: dtype };
  const ok =
    shape.length === requirement.shape.length &&
    requirement.shape.every((size, axis) => size === null || size === shape[axis]);
  return { ok, got: `shape ${shapeText(shape)}` };
}

/** Every value against bounds; what is not finite holds none. */
export function inspectValues(
  bytes: Uint8Array,
  path: string,
  { tensor, bounds }: FileRequirement & { readonly is: 'values' },
): Finding {
  const { data, shape } = readArray(bytes, path, tensor);
  if (data.length === 0) return { ok: false, got: 'no values at all' };
  let outside = 0;
  let first = -1;
  let smallest = Number.POSITIVE_INFINITY;
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < data.length; at++) {
    const value = data[at];
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
    if (holds(value, bounds)) continue;
    if (outside++ === 0) first = at;
  }
  const range = `${data.length} values from ${smallest} to ${largest}`;
  if (outside === 0) return { ok: true, got: range };
  const place = `the first ${data[first]} at ${indexText(first, shape)}`;
  return { ok: false, got: `${outside} of ${range} outside, ${place}` };
}

/** An NPY file's array, or one tensor of a safetensors file. */
function readArray(bytes: Uint8Array, path: string, tensor: string | null): NamedArray {
  if (tensor === null) {
    const { data, shape } = readNpy(bytes, path);
    return { data, shape, dtype: npyType(bytes, path) };
  }
  const { tensors } = readSafetensors(bytes, path);
  const found = tensors.get(tensor);
  if (!found)
    fail('bad-input', `${path}: no tensor '${tensor}'; there are: ${[...tensors.keys()].join(', ')}`);
  return { ...found, dtype: found.data.constructor.name.replace('Array', '').toLowerCase() };
}

/** `[144, 64, 64]`; null as any size. */
export function shapeText(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? 'any').join(', ')}]`;
}

/** The place of a value in row-major order, by axis. */
export function indexText(at: number, shape: readonly number[]): string {
  const index: number[] = [];
  let rest = at;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${index.join(', ')}]`;
}

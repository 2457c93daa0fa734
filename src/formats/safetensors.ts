import { fail } from '../core/failure.ts';
import { parseJsonObject } from './artifact-file.ts';
import type { NumberArray } from './npy.ts';

/** Format: https://github.com/huggingface/safetensors, README, section "Format". */
export interface Tensor {
  /** Row-major. */
  readonly data: NumberArray;
  readonly shape: readonly number[];
}
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: { readonly [key: string]: string };
}

const TYPES: { readonly [dtype: string]: new (buffer: ArrayBuffer) => NumberArray } = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
};
const METADATA = '__metadata__';

/**
 * Tensors lie in the order given, wider values first, so that each is aligned.
 * @throws RangeError where a shape and the number of values differ (a bug of the caller).
 */
export function writeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  let end = 0;
  for (const [name, { data, shape }] of ordered) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== data.length)
      throw new RangeError(`${name}: shape ${shape.join('×')} does not hold ${data.length} values`);
    const dtype = Object.keys(TYPES).find((key) => data instanceof TYPES[key]);
    header.push([name, { dtype, shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(text.length / 8) * 8; // padded with spaces, as the format asks
  const bytes = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(text, 8);
  let start = 8 + headerBytes;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
    start += data.byteLength;
  }
  return bytes;
}

/**
 * Tensors in the order in which they lie in the file; each is a copy.
 * @param what names the file in messages.
 * @throws ExpectedFailure bad-input where the file is truncated, has holes or overlaps, a damaged
 *   header, or a type of values that cannot be read.
 */
export function readSafetensors(bytes: Uint8Array, what: string): TensorFile {
  if (bytes.length < 8) fail('bad-input', `${what}: not a safetensors file: ${bytes.length} bytes`);
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerBytes > bytes.length - 8) {
    fail(
      'bad-input',
      `${what}: the header should have ${headerBytes} bytes, the file has ${bytes.length - 8}`,
    );
  }
  const content = bytes.subarray(8 + headerBytes);
  const header = parseJsonObject(
    new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)),
    `${what}: header`,
  );
  const metadata = readMetadata(header[METADATA], what);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => readEntry(name, entry, what))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  const tensors = new Map<string, Tensor>();
  let end = 0;
  for (const { name, type, shape, from, to } of entries) {
    if (from !== end)
      fail('bad-input', `${what}: tensor '${name}' starts at byte ${from}; the one before it ends at ${end}`);
    if (to > content.length)
      fail(
        'bad-input',
        `${what}: tensor '${name}' ends at byte ${to} of ${content.length}: the file is truncated`,
      );
    tensors.set(name, { data: new type(new Uint8Array(content.subarray(from, to)).buffer), shape });
    end = to;
  }
  if (end !== content.length)
    fail('bad-input', `${what}: ${content.length - end} bytes after the last tensor`);
  return { tensors, metadata };
}

interface Entry {
  readonly name: string;
  readonly type: new (buffer: ArrayBuffer) => NumberArray;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

function readEntry(name: string, value: unknown, what: string): Entry {
  const where = `${what}: tensor '${name}'`;
  const entry = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    fail('bad-input', `${where}: needs dtype, shape and data_offsets, has ${JSON.stringify(value)}`);
  }
  if (!Object.hasOwn(TYPES, dtype)) {
    fail('bad-input', `${where}: type ${dtype} cannot be read; can be: ${Object.keys(TYPES).join(', ')}`);
  }
  const type = TYPES[dtype];
  const [from, to] = offsets;
  const itemBytes = new type(new ArrayBuffer(0)).BYTES_PER_ELEMENT;
  const expected = shape.reduce((product, size) => product * size, itemBytes);
  if (to - from !== expected) {
    fail(
      'bad-input',
      `${where}: shape [${shape.join(', ')}] of ${dtype} needs ${expected} bytes, has ${to - from}`,
    );
  }
  return { name, type, shape, from, to };
}

function readMetadata(value: unknown, what: string): { [key: string]: string } {
  if (value === undefined) return {};
  const isText =
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string');
  if (!isText) fail('bad-input', `${what}: ${METADATA} must map names to texts`);
  return value as { [key: string]: string };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

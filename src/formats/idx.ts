import { gunzipSync } from 'node:zlib';
import { fail } from '../core/failure.ts';

/** IDX, the format of MNIST: https://yann.lecun.com/exdb/mnist, "the IDX file format"; unsigned bytes only. */
export interface IdxImages {
  /** [count, height, width], 0 … 255. */
  readonly pixels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** @throws ExpectedFailure bad-input where the file is no IDX file of pictures, or does not hold what it says. */
export function readIdxImages(bytes: Uint8Array, what: string): IdxImages {
  const { values, shape } = readIdx(bytes, { dimensions: 3, what });
  return { pixels: values, count: shape[0], height: shape[1], width: shape[2] };
}

/** @throws ExpectedFailure bad-input where the file is no IDX file of labels, or does not hold what it says. */
export function readIdxLabels(bytes: Uint8Array, what: string): Uint8Array {
  return readIdx(bytes, { dimensions: 1, what }).values;
}

/** No data set of this format comes near it; a small file that unpacks to more is damaged or hostile. */
const MAX_BYTES = 2_147_483_648;

function readIdx(
  file: Uint8Array,
  { dimensions, what }: { dimensions: number; what: string },
): { values: Uint8Array; shape: number[] } {
  const bytes = isGzip(file) ? unpack(file, what) : file;
  const start = 4 + 4 * dimensions;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0)
    fail('bad-input', `${what}: not an IDX file (it does not start with two zero bytes)`);
  if (bytes[2] !== 0x08)
    fail('bad-input', `${what}: IDX values of type 0x${bytes[2].toString(16)}; expected 0x8, unsigned bytes`);
  if (bytes[3] !== dimensions)
    fail('bad-input', `${what}: IDX with ${bytes[3]} dimensions; expected ${dimensions}`);
  if (bytes.length < start) fail('bad-input', `${what}: the file ends within its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = shape.reduce((product, size) => product * size, 1);
  if (bytes.length - start !== expected)
    fail('bad-input', `${what}: ${bytes.length - start} values, but ${shape.join('×')} needs ${expected}`);
  return { values: new Uint8Array(bytes.subarray(start)), shape };
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpack(bytes: Uint8Array, what: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    return fail('bad-input', `${what}: damaged gzip: ${(error as Error).message}`);
  }
}

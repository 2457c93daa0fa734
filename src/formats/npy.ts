import { fail } from '../core/failure.ts';

export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** An array with its shape, row-major. `shape` [] is a single number. */
export interface NpyArray<Data extends NumberArray = NumberArray> {
  readonly data: Data;
  readonly shape: readonly number[];
}

interface Kind {
  readonly code: string;
  readonly itemBytes: number;
  /** `bytes` holds exactly the items, little-endian, at offset 0 of its buffer. */
  readonly view: (bytes: Uint8Array<ArrayBuffer>, what: string) => NumberArray;
}

const KINDS: readonly Kind[] = [
  { code: 'u1', itemBytes: 1, view: (bytes) => bytes },
  { code: 'i1', itemBytes: 1, view: (bytes) => new Int8Array(bytes.buffer) },
  { code: 'u2', itemBytes: 2, view: (bytes) => new Uint16Array(bytes.buffer) },
  { code: 'i2', itemBytes: 2, view: (bytes) => new Int16Array(bytes.buffer) },
  { code: 'u4', itemBytes: 4, view: (bytes) => new Uint32Array(bytes.buffer) },
  { code: 'i4', itemBytes: 4, view: (bytes) => new Int32Array(bytes.buffer) },
  { code: 'f4', itemBytes: 4, view: (bytes) => new Float32Array(bytes.buffer) },
  { code: 'f8', itemBytes: 8, view: (bytes) => new Float64Array(bytes.buffer) },
  // Never written, but what others write by default (numpy's bool and its integers).
  { code: 'b1', itemBytes: 1, view: (bytes) => bytes },
  { code: 'i8', itemBytes: 8, view: narrowIntegers },
];

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/**
 * NPY 1.0, little-endian, C order; the same bytes as numpy.save. Format: numpy's `numpy.lib.format`.
 * @throws RangeError where the shape and the number of values differ (a bug of the caller).
 */
export function writeNpy({ data, shape }: NpyArray): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length)
    throw new RangeError(`shape ${shape.join('×')} does not hold ${data.length} values`);
  const order = data.BYTES_PER_ELEMENT === 1 ? '|' : '<';
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${order}${codeOf(data)}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // The values start at a multiple of 64 bytes; the header ends in a newline.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set(MAGIC);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(text.padEnd(start - 11) + '\n'), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/**
 * Reads NPY 1.0, 2.0 and 3.0; big-endian values and Fortran order come out little-endian in C order;
 * bool as Uint8Array, 64-bit integers as Int32Array where all fit. The result is a copy.
 * @param what names the file in messages.
 * @throws ExpectedFailure bad-input on anything else.
 */
export function readNpy(bytes: Uint8Array, what: string): NpyArray {
  const { descr, fortran, shape, start } = readHeader(bytes, what);
  const kind = KINDS.find(({ code }) => code === descr.slice(1));
  if (!kind || !'<>|='.includes(descr[0])) {
    const known = KINDS.map(({ code }) => code).join(', ');
    fail('bad-input', `${what}: values of type '${descr}' cannot be read; can be: ${known}`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const expected = count * kind.itemBytes;
  if (bytes.length - start !== expected) {
    fail(
      'bad-input',
      `${what}: ${bytes.length - start} bytes of values, but shape (${shape.join(', ')}) of '${descr}' needs ${expected}`,
    );
  }
  const values = new Uint8Array(bytes.subarray(start));
  if (descr[0] === '>') swapBytes(values, kind.itemBytes);
  const data = kind.view(values, what);
  return { data: fortran && shape.length > 1 ? toRowMajor(data, shape) : data, shape };
}

/**
 * As `readNpy`, for one kind of values and a number of dimensions.
 * @throws ExpectedFailure bad-input where the file holds another kind or number of dimensions.
 */
export function readNpyAs<Data extends NumberArray>(
  bytes: Uint8Array,
  expected: {
    readonly type: new (length: number) => Data;
    readonly dimensions: number;
    readonly what: string;
  },
): NpyArray<Data> {
  const { type, dimensions, what } = expected;
  const array = readNpy(bytes, what);
  if (!(array.data instanceof type) || array.shape.length !== dimensions) {
    const wanted = `${type.name.replace('Array', '')} values in ${dimensions} dimensions`;
    const found = `${array.data.constructor.name.replace('Array', '')} values of shape (${array.shape.join(', ')})`;
    fail('bad-input', `${what}: expected ${wanted}, found ${found}`);
  }
  return array as NpyArray<Data>;
}

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: number[];
  /** Byte at which the values start. */
  readonly start: number;
}

function readHeader(bytes: Uint8Array, what: string): Header {
  if (bytes.length < 10 || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    fail('bad-input', `${what}: not an NPY file (it does not start with \\x93NUMPY)`);
  }
  const major = bytes[6];
  if (major < 1 || major > 3)
    fail('bad-input', `${what}: NPY version ${major}.${bytes[7]} cannot be read; 1 to 3 can`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const from = major === 1 ? 10 : 12;
  if (bytes.length < from) fail('bad-input', `${what}: the file ends within its header`);
  const start = from + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) fail('bad-input', `${what}: the file ends within its header`);
  const text = new TextDecoder().decode(bytes.subarray(from, start));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || sizes === undefined) {
    const reason = /'descr'\s*:\s*\[/.test(text)
      ? 'structured values cannot be read'
      : 'the header is damaged';
    fail('bad-input', `${what}: ${reason}: ${text.trim().slice(0, 200)}`);
  }
  const shape = sizes
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  return { descr, fortran: fortran === 'True', shape, start };
}

function codeOf(data: NumberArray): string {
  const letter =
    data instanceof Float32Array || data instanceof Float64Array
      ? 'f'
      : /^Uint/.test(data.constructor.name)
        ? 'u'
        : 'i';
  return `${letter}${data.BYTES_PER_ELEMENT}`;
}

function narrowIntegers(bytes: Uint8Array<ArrayBuffer>, what: string): Int32Array {
  return Int32Array.from(new BigInt64Array(bytes.buffer), (value) => {
    if (value !== BigInt.asIntN(32, value))
      fail('bad-input', `${what}: the 64-bit integer ${value} does not fit into 32 bits`);
    return Number(value);
  });
}

function swapBytes(bytes: Uint8Array, itemBytes: number): void {
  for (let start = 0; start < bytes.length; start += itemBytes) {
    bytes.subarray(start, start + itemBytes).reverse();
  }
}

function toRowMajor(data: NumberArray, shape: readonly number[]): NumberArray {
  const result = data.slice();
  const index = shape.map(() => 0);
  for (let position = 0; position < data.length; position++) {
    // Column-major place of the item whose row-major place is `position`.
    let place = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) place = place * shape[axis] + index[axis];
    result[position] = data[place];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}

/** numpy's names of what files may hold. */
const TYPE_NAMES: { readonly [letter: string]: string } = { u: 'uint', i: 'int', f: 'float', c: 'complex' };

/**
 * The type of the values as numpy names it (`float32`, `bool`), also where `readNpy` hands them out as another.
 * @throws ExpectedFailure bad-input where the file is none.
 */
export function npyType(bytes: Uint8Array, what: string): string {
  const { descr } = readHeader(bytes, what);
  if (descr.slice(1) === 'b1') return 'bool';
  const name = TYPE_NAMES[descr[1]];
  return name ? `${name}${8 * Number(descr.slice(2))}` : descr;
}

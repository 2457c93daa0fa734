import { inflateSync } from 'node:zlib';
import { fail } from '../core/failure.ts';

/** A square of 16,384: larger than any slice, small enough to allocate. */
const MAX_PIXELS = 16_384 * 16_384;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Colour type → channels and the bit depths that may go with it (PNG specification, table 11.1). */
const COLOUR_TYPES: {
  readonly [type: number]: { readonly channels: number; readonly depths: readonly number[] };
} = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

/**
 * Looks for what the decoder would crash on, allocate without end for, or silently fill with zeros:
 * truncation, impossible headers, missing pixel data.
 * @param what names the file in messages.
 * @throws ExpectedFailure bad-input, saying what is wrong.
 */
export function checkPng(bytes: Uint8Array, what: string): void {
  if (bytes.length === 0) fail('bad-input', `${what}: the file is empty`);
  if (SIGNATURE.some((byte, index) => bytes[index] !== byte))
    fail('bad-input', `${what}: not a PNG file (its first 8 bytes are not PNG's)`);
  const { header, pixelData, hasPalette } = readChunks(bytes, what);
  const { height, width, depth, type, interlaced } = readHeader(header, what);
  if (type === 3 && !hasPalette) fail('bad-input', `${what}: damaged PNG: its palette is missing`);
  const bitsPerPixel = depth * COLOUR_TYPES[type].channels;
  const expected = interlaced
    ? ADAM7.reduce((sum, pass) => sum + passBytes(pass, { height, width, bitsPerPixel }), 0)
    : height * (1 + Math.ceil((width * bitsPerPixel) / 8));
  checkPixelData(pixelData, expected, what);
}

/** The seven passes of interlacing: first column and row, step along both (PNG specification, 8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function passBytes(
  [x, y, stepX, stepY]: (typeof ADAM7)[number],
  { height, width, bitsPerPixel }: { height: number; width: number; bitsPerPixel: number },
): number {
  const columns = Math.ceil((width - x) / stepX);
  const rows = Math.ceil((height - y) / stepY);
  return columns > 0 && rows > 0 ? rows * (1 + Math.ceil((columns * bitsPerPixel) / 8)) : 0;
}

interface Chunks {
  readonly header: Uint8Array;
  /** All IDAT chunks. */
  readonly pixelData: Uint8Array[];
  readonly hasPalette: boolean;
}

function readChunks(bytes: Uint8Array, what: string): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const pixelData: Uint8Array[] = [];
  let header: Uint8Array | null = null;
  let hasPalette = false;
  let offset = SIGNATURE.length;
  for (;;) {
    if (offset + 12 > bytes.length) return fail('bad-input', `${what}: damaged PNG: the file is truncated`);
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    if (offset + 12 + length > bytes.length) {
      fail('bad-input', `${what}: damaged PNG: the file is truncated within its chunk '${printable(type)}'`);
    }
    const content = bytes.subarray(offset + 8, offset + 8 + length);
    if (header === null && type !== 'IHDR')
      fail('bad-input', `${what}: damaged PNG: it does not start with IHDR`);
    if (type === 'IHDR') header = content;
    if (type === 'PLTE') hasPalette = length > 0;
    if (type === 'IDAT') pixelData.push(content);
    if (type === 'IEND') return { header: header!, pixelData, hasPalette };
    offset += 12 + length;
  }
}

function readHeader(
  header: Uint8Array,
  what: string,
): { height: number; width: number; depth: number; type: number; interlaced: boolean } {
  if (header.length !== 13)
    fail('bad-input', `${what}: damaged PNG: its header has ${header.length} bytes, not 13`);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [depth, type, compression, filter, interlace] = header.subarray(8);
  if (width === 0 || height === 0 || width * height > MAX_PIXELS)
    fail('bad-input', `${what}: damaged PNG: its header says ${width}×${height} pixels`);
  if (!COLOUR_TYPES[type]?.depths.includes(depth))
    fail('bad-input', `${what}: damaged PNG: colour type ${type} with ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1)
    fail(
      'bad-input',
      `${what}: damaged PNG: compression ${compression}, filter ${filter}, interlace ${interlace}`,
    );
  if (interlace === 1 && depth < 8)
    fail('bad-input', `${what}: interlaced PNG with ${depth} bits cannot be read; save it not interlaced`);
  return { height, width, depth, type, interlaced: interlace === 1 };
}

function checkPixelData(pixelData: readonly Uint8Array[], expectedBytes: number, what: string): void {
  let found: number;
  try {
    // One byte more than expected is allowed, to see that there is more; a bomb stops there.
    found = inflateSync(Buffer.concat(pixelData), { maxOutputLength: expectedBytes + 1 }).length;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ERR_BUFFER_TOO_LARGE' ? `more than ${expectedBytes} bytes of pixels` : message;
    fail('bad-input', `${what}: damaged PNG: its pixel data: ${reason}`);
  }
  if (found !== expectedBytes)
    fail('bad-input', `${what}: damaged PNG: ${found} bytes of pixels, its header needs ${expectedBytes}`);
}

/** Chunk types are letters; in a damaged file they may be anything. */
function printable(type: string): string {
  return type.replace(/[^A-Za-z]/g, '?');
}

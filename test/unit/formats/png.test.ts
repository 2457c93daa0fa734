import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPng, writePng } from '../../../src/formats/png.ts';
import { isPictureName, readPicture } from '../../../src/formats/read-picture.ts';
import { golden } from '../../golden/formats/load-formats.ts';

const COLOURED = ['rgb', 'palette'];
const small = golden.png.grey8.bytes;

describe('png', () => {
  it.each(Object.keys(golden.png))('reads %s as Pillow does', (name) => {
    const { bytes, shape, values } = golden.png[name];
    const picture = readPng(bytes, 'a.png');
    expect([picture.height, picture.width]).toEqual(shape);
    expect([...picture.pixels]).toEqual(values);
    expect(picture.maxValue).toBe(name.endsWith('16') ? 65535 : 255);
    expect(picture.colour).toBe(COLOURED.includes(name));
  });

  it.each([
    ['8', new Uint8Array([0, 128, 255, 1, 2, 3])],
    ['16', new Uint16Array([0, 258, 65535, 1, 2, 3])],
  ])('writes %s bits that it reads back', (_, pixels) => {
    const picture = readPng(writePng({ pixels, height: 2, width: 3 }), 'a.png');
    expect(picture).toEqual({
      pixels,
      height: 2,
      width: 3,
      maxValue: pixels instanceof Uint8Array ? 255 : 65535,
      colour: false,
      spacing: null,
    });
  });

  it('reads a picture of one pixel', () => {
    const picture = readPng(writePng({ pixels: new Uint8Array([77]), height: 1, width: 1 }), 'a.png');
    expect([...picture.pixels]).toEqual([77]);
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'a.png: the file is empty'],
    ['another format', new TextEncoder().encode('GIF89a, not a PNG'), 'a.png: not a PNG file'],
    ['a cut file', small.subarray(0, 60), "truncated within its chunk 'IDAT'"],
    ['a file that ends between chunks', small.subarray(0, -12), 'the file is truncated'],
    ['a flipped bit', small.with(50, small[50] ^ 4), 'damaged PNG'],
    ['no pixels at all', pngOf({ width: 0 }), 'its header says 0×2 pixels'],
    ['more pixels than memory', pngOf({ width: 2 ** 31 }), 'its header says 2147483648×2 pixels'],
    ['a colour type that does not exist', pngOf({ type: 5 }), 'colour type 5 with 8 bits'],
    [
      'a depth that does not go with the colour type',
      pngOf({ depth: 4, type: 2 }),
      'colour type 2 with 4 bits',
    ],
    ['a palette that is not there', pngOf({ type: 3 }), 'its palette is missing'],
    ['too little pixel data', pngOf({ rows: 1 }), '4 bytes of pixels, its header needs 8'],
    ['a bomb', pngOf({ rows: 100_000 }), 'more than 8 bytes of pixels'],
    ['an unknown filter', pngOf({ filter: 9 }), 'damaged PNG: Unsupported filter: 9'],
    ['few bits interlaced', pngOf({ depth: 4, interlace: 1 }), 'interlaced PNG with 4 bits cannot be read'],
    [
      'pixels before the header',
      Uint8Array.from([...small.subarray(0, 8), ...chunk('IDAT', [])]),
      'does not start with IHDR',
    ],
  ])('names what is wrong with %s', (_, bytes, message) => {
    expect(() => readPng(bytes, 'a.png')).toThrow(message);
  });
});

describe('read-picture', () => {
  it('chooses by extension, whatever its case, and names those it can read', () => {
    expect(isPictureName('x/A.PNG')).toBe(true);
    expect(isPictureName('manifest.csv')).toBe(false);
    expect(isPictureName('constructor')).toBe(false);
    expect(readPicture(small, 'x/A.PNG').width).toBe(13);
    expect(() => readPicture(small, 'a.jpg')).toThrow(
      "a.jpg: '.jpg' pictures cannot be read; supported: .png",
    );
  });
});

interface Header {
  width?: number;
  depth?: number;
  type?: number;
  interlace?: number;
  /** Rows of three pixels, 8 bits, really there. */
  rows?: number;
  filter?: number;
}

/** A PNG of 3×2 grey pixels with what is asked for changed, checksums right. */
function pngOf({ width = 3, depth = 8, type = 0, interlace = 0, rows = 2, filter = 0 }: Header): Uint8Array {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, 2);
  [depth, type, 0, 0, interlace].forEach((value, index) => {
    header.setUint8(8 + index, value);
  });
  const pixels = Array.from({ length: rows }, () => [filter, 1, 2, 3]).flat();
  return Uint8Array.from([
    ...small.subarray(0, 8),
    ...chunk('IHDR', new Uint8Array(header.buffer)),
    ...chunk('IDAT', deflateSync(Uint8Array.from(pixels))),
    ...chunk('IEND', []),
  ]);
}

function chunk(type: string, content: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

/** PNG specification, annex D, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

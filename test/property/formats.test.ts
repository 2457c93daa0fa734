import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpectedFailure } from '../../src/core/failure.ts';
import { readCsv, writeCsv } from '../../src/formats/csv.ts';
import { readIdxImages } from '../../src/formats/idx.ts';
import { type NumberArray, readNpy, writeNpy } from '../../src/formats/npy.ts';
import { readPng, writePng } from '../../src/formats/png.ts';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';

const TYPES = [
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
];
const arrays = fc
  .record({
    type: fc.constantFrom(...TYPES),
    shape: fc.array(fc.nat(4), { maxLength: 4 }),
    seed: fc.integer(),
  })
  .map(({ type, shape, seed }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { data: new type(count).map((_, index) => Math.imul(seed, index + 1) / 7) as NumberArray, shape };
  });

const npy = writeNpy({ data: new Float32Array([1, 2, 3, 4, 5, 6]), shape: [2, 3] });
const safetensors = writeSafetensors({
  tensors: new Map([
    ['a', { data: new Float32Array([1, 2]), shape: [2] }],
    ['b', { data: new Uint8Array([3]), shape: [1] }],
  ]),
  metadata: { note: 'x' },
});
const png = writePng({ pixels: new Uint8Array([1, 2, 3, 4, 5, 6]), height: 2, width: 3 });
const idx = new Uint8Array([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 8, 9]);
const FILES: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ['npy', npy, (bytes) => readNpy(bytes, 'x')],
  ['safetensors', safetensors, (bytes) => readSafetensors(bytes, 'x')],
  ['png', png, (bytes) => readPng(bytes, 'x')],
  ['idx', idx, (bytes) => readIdxImages(bytes, 'x')],
];

/** What was thrown is an expected failure named bad-input, and no crash. */
function expectFailure(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(ExpectedFailure);
    expect((error as ExpectedFailure).failure.reason).toBe('bad-input');
    return;
  }
  throw new Error('it was read');
}

describe('formats', () => {
  it('npy gives back every array', () => {
    fc.assert(
      fc.property(arrays, (array) => {
        expect(readNpy(writeNpy(array), 'x')).toEqual(array);
      }),
    );
  });

  it('safetensors gives back every set of tensors', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), arrays),
        fc.dictionary(fc.string(), fc.string()),
        (named, metadata) => {
          const tensors = new Map(Object.entries(named).filter(([name]) => name !== '__metadata__'));
          const file = readSafetensors(writeSafetensors({ tensors, metadata }), 'x');
          expect(file.metadata).toEqual({ ...metadata });
          expect(new Map([...file.tensors].sort())).toEqual(new Map([...tensors].sort()));
        },
      ),
    );
  });

  it('csv gives back every table', () => {
    const cell = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), (rows) => {
        const table = readCsv(new TextEncoder().encode(writeCsv(['a', 'b'], rows)), 'x');
        expect(table.rows.map(({ fields }) => fields)).toEqual(rows);
      }),
    );
  });

  it.each(FILES)('%s cut at any length fails by name', (_, bytes, read) => {
    expect(() => read(bytes)).not.toThrow();
    for (let length = 0; length < bytes.length; length++)
      expectFailure(() => read(bytes.subarray(0, length)));
  });

  it.each(FILES)('%s with any byte changed is read or fails by name', (_, bytes, read) => {
    for (let place = 0; place < bytes.length; place++) {
      for (const flip of [1, 0x80, 0xff]) {
        try {
          read(bytes.with(place, bytes[place] ^ flip));
        } catch (error) {
          expect(error).toBeInstanceOf(ExpectedFailure);
        }
      }
    }
  });

  it('no bytes at all crash a reader', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(...FILES), (tail, [, bytes, read]) => {
        for (const start of [0, 4, 8, 10])
          expectFailure(() => read(Uint8Array.from([...bytes.subarray(0, start), ...tail])));
      }),
    );
  });
});

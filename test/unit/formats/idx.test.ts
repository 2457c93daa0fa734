import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readIdxImages, readIdxLabels } from '../../../src/formats/idx.ts';

const images = new Uint8Array([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]);
const labels = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]);

describe('idx', () => {
  it('reads pictures and labels, packed or not', () => {
    const expected = { pixels: new Uint8Array([1, 2, 3, 4, 5, 255]), count: 2, height: 1, width: 3 };
    expect(readIdxImages(images, 'x')).toEqual(expected);
    expect(readIdxImages(gzipSync(images), 'x')).toEqual(expected);
    expect(readIdxLabels(labels, 'x')).toEqual(new Uint8Array([7, 9]));
  });

  it('says what is wrong', () => {
    expect(() => readIdxImages(labels, 'x')).toThrow('x: IDX with 1 dimensions; expected 3');
    expect(() => readIdxLabels(images, 'x')).toThrow('x: IDX with 3 dimensions; expected 1');
    expect(() => readIdxImages(images.subarray(0, -1), 'x')).toThrow('x: 5 values, but 2×1×3 needs 6');
    expect(() => readIdxImages(images.with(2, 0x0d), 'x')).toThrow('values of type 0xd');
    expect(() => readIdxImages(images.with(0, 1), 'x')).toThrow('not an IDX file');
    expect(() => readIdxImages(gzipSync(images).subarray(0, 20), 'x')).toThrow('x: damaged gzip');
  });
});

import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/formats/safetensors.ts';
import { golden } from '../../golden/formats/load-formats.ts';

/** A file with this header over so many bytes of zeros. */
function fileOf(header: unknown, contentBytes: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + contentBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}
const f32 = (from: number, to: number, shape = [(to - from) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [from, to],
});

describe('safetensors', () => {
  it('reads what the reference implementation wrote', () => {
    const { tensors, metadata } = readSafetensors(golden.safetensors.bytes, 'w');
    expect(metadata).toEqual({ note: 'hi' });
    expect(tensors.size).toBe(3);
    for (const [name, { shape, values }] of Object.entries(golden.safetensors.tensors)) {
      expect(tensors.get(name)!.shape).toEqual(shape);
      expect([...tensors.get(name)!.data]).toEqual(values);
    }
  });

  it('writes wider values first, every tensor aligned, the same bytes each time', () => {
    const file = {
      tensors: new Map([
        ['bytes', { data: new Uint8Array([1, 2, 3]), shape: [3] }],
        ['floats', { data: new Float32Array([1.5, -2]), shape: [2, 1] }],
      ]),
      metadata: {},
    };
    const bytes = writeSafetensors(file);
    expect([...readSafetensors(bytes, 'w').tensors.keys()]).toEqual(['floats', 'bytes']);
    expect((8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))) % 8).toBe(0);
    expect(writeSafetensors(file)).toEqual(bytes);
  });

  it.each([
    ['no file', new Uint8Array(3), 'not a safetensors file: 3 bytes'],
    ['a header longer than the file', fileOf({}, 0).with(0, 200), 'the header should have 200 bytes'],
    ['a header that is not JSON', fileOf('{"a"', 0), 'header: not JSON'],
    ['a header that is a list', fileOf('[]', 0), 'expected a JSON object'],
    ['an entry without offsets', fileOf({ a: { dtype: 'F32', shape: [1] } }, 4), "tensor 'a': needs dtype"],
    ['null as an entry', fileOf({ a: null }, 4), "tensor 'a': needs dtype"],
    ['a negative size', fileOf({ a: f32(0, 4, [-1]) }, 4), "tensor 'a': needs dtype"],
    ['bfloat16', fileOf({ a: { ...f32(0, 4), dtype: 'BF16' } }, 4), 'type BF16 cannot be read'],
    [
      'a type named like a method',
      fileOf({ a: { ...f32(0, 4), dtype: 'constructor' } }, 4),
      'cannot be read',
    ],
    ['a shape of another size', fileOf({ a: f32(0, 4, [2]) }, 4), 'shape [2] of F32 needs 8 bytes, has 4'],
    [
      'an overlap',
      fileOf({ a: f32(0, 8), b: f32(4, 12) }, 12),
      "tensor 'b' starts at byte 4; the one before it ends at 8",
    ],
    [
      'a hole',
      fileOf({ a: f32(0, 4), b: f32(8, 12) }, 12),
      "tensor 'b' starts at byte 8; the one before it ends at 4",
    ],
    ['too few values', fileOf({ a: f32(0, 8) }, 4), 'ends at byte 8 of 4: the file is truncated'],
    ['bytes that belong to nothing', fileOf({ a: f32(0, 4) }, 6), '2 bytes after the last tensor'],
    ['metadata that is not text', fileOf({ __metadata__: { a: 1 } }, 0), 'must map names to texts'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'w')).toThrow(message);
  });
});

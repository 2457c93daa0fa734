import { describe, expect, it } from 'vitest';
import { readNpy, readNpyAs, writeNpy } from '../../../src/formats/npy.ts';
import { golden } from '../../golden/formats/load-formats.ts';

describe('npy', () => {
  it.each(Object.keys(golden.npy))('reads what numpy wrote as %s and writes the same bytes', (kind) => {
    const { bytes, shape, values } = golden.npy[kind];
    const array = readNpy(bytes, 'x.npy');
    expect(array.shape).toEqual(shape);
    expect([...array.data]).toEqual(values);
    expect(writeNpy(array)).toEqual(bytes);
  });

  it.each(['fortran', 'bigEndian', 'version2'])('reads %s as the values numpy has', (name) => {
    const { bytes, shape, values } = golden.npyForeign[name];
    const array = readNpy(bytes, 'x.npy');
    expect(array.shape).toEqual(shape);
    expect([...array.data]).toEqual(values);
  });

  it('reads 64-bit integers that fit as Int32Array, and booleans as 0 and 1', () => {
    const integers = readNpy(golden.npyForeign.int64.bytes, 'x.npy');
    expect(integers.data).toEqual(Int32Array.from(golden.npyForeign.int64.values));
    expect(readNpy(golden.npyForeign.bool.bytes, 'x.npy').data).toEqual(new Uint8Array([1, 0, 1]));
  });

  it('reads from bytes that do not start at an aligned place', () => {
    const { bytes, values } = golden.npy['<f8'];
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect([...readNpy(shifted.subarray(3), 'x.npy').data]).toEqual(values);
  });

  it('names what it cannot read', () => {
    const message = (name: string) => () => readNpy(golden.npyForeign[name].bytes, 'x.npy');
    expect(message('int64TooLarge')).toThrow(
      'x.npy: the 64-bit integer 2147483648 does not fit into 32 bits',
    );
    expect(message('complex')).toThrow("x.npy: values of type '<c16' cannot be read");
    expect(message('structured')).toThrow('x.npy: structured values cannot be read');
    expect(() => readNpy(new Uint8Array(0), 'x.npy')).toThrow('x.npy: not an NPY file');
    const { bytes } = golden.npy['<f4'];
    const version9 = bytes.with(6, 9);
    expect(() => readNpy(version9, 'x.npy')).toThrow('NPY version 9.0 cannot be read');
    expect(() => readNpy(bytes.subarray(0, -1), 'x.npy')).toThrow(
      "119 bytes of values, but shape (2, 3, 5) of '<f4' needs 120",
    );
  });

  it('refuses another kind of values or number of dimensions than asked for', () => {
    const bytes = writeNpy({ data: new Uint8Array(6), shape: [2, 3] });
    const asked = { type: Float32Array, dimensions: 2, what: 'x.npy' };
    expect(() => readNpyAs(bytes, asked)).toThrow(
      'x.npy: expected Float32 values in 2 dimensions, found Uint8 values of shape (2, 3)',
    );
    expect(readNpyAs(bytes, { ...asked, type: Uint8Array }).shape).toEqual([2, 3]);
    expect(() => readNpyAs(bytes, { ...asked, type: Uint8Array, dimensions: 1 })).toThrow('in 1 dimensions');
  });

  it('does not write a shape that the values do not fill', () => {
    expect(() => writeNpy({ data: new Uint8Array(5), shape: [2, 3] })).toThrow(RangeError);
  });
});

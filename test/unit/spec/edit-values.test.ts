import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { editValues } from '../../../src/spec/edit-values.ts';

const TEXT = `# on top
a:   {  of: 0.5, within: 1 } # beside
b:
    of:   1e-3     # measured on Monday
    list: [ 1,2,   3 ]
c: &x { of: ~ }
d: *x
e:
`;

describe('editValues', () => {
  it('changes the values and no other character', () => {
    const result = editValues(TEXT, [
      { path: ['b', 'of'], value: 0.25 },
      { path: ['a', 'of'], value: 12 },
      { path: ['b', 'list', 1], value: 20 },
      { path: ['c', 'of'], value: '0123' },
    ]);
    expect(result).toEqual({
      lines: [4, 2, 5, 6],
      text: TEXT.replace('0.5', '12').replace('1e-3', '0.25').replace('1,2,', '1,20,').replace('~', "'0123'"),
    });
  });

  it('fills in a value that was left empty', () => {
    expect(editValues(TEXT, [{ path: ['e'], value: 3 }])).toMatchObject({ text: TEXT.replace('e:', 'e: 3') });
  });

  it('refuses a place that holds no single value, or whose value is written elsewhere', () => {
    expect(editValues(TEXT, [{ path: ['b', 'list'], value: 3 }])).toHaveProperty('problem');
    expect(editValues(TEXT, [{ path: ['d', 'of'], value: 3 }])).toHaveProperty('problem');
    expect(editValues(TEXT, [{ path: ['nobody'], value: 3 }])).toHaveProperty('problem');
  });

  it('gives a text that reads as the new values, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.stringMatching(/^[0-9a-f]{1,64}$/),
        (number, text) => {
          const result = editValues(TEXT, [
            { path: ['a', 'of'], value: number },
            { path: ['c', 'of'], value: text },
          ]);
          const read = parseDocument((result as { text: string }).text).toJS();
          expect(read.a).toEqual({ of: number === 0 ? 0 : number, within: 1 });
          expect(read.c).toEqual({ of: text });
        },
      ),
    );
  });
});

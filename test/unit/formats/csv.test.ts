import { describe, expect, it } from 'vitest';
import { columnIndex, readCsv, writeCsv } from '../../../src/formats/csv.ts';

const read = (text: string) => readCsv(new TextEncoder().encode(text), 'm.csv');

describe('csv', () => {
  it('reads rows with the lines they are on, whatever the line ends, a byte order mark included', () => {
    const table = read('\ufefffile,label\r\na.png,"x, ""y"""\r\n\r\nb.png,\r\n');
    expect(table.columns).toEqual(['file', 'label']);
    expect(table.rows).toEqual([
      { line: 2, fields: ['a.png', 'x, "y"'] },
      { line: 4, fields: ['b.png', ''] },
    ]);
  });

  it('refuses what has no clear meaning, and says where', () => {
    expect(() => read('')).toThrow('m.csv: empty; expected a header line');
    expect(() => read('a,b,a\n')).toThrow("m.csv: column 'a' is there twice");
    expect(() => read('a,,b\n')).toThrow('m.csv: column 2 has no name');
    expect(() => read('a,b\n1,2\n1\n')).toThrow('m.csv: line 3 has 1 fields; the header has 2');
    expect(() => read('a,b\n1,"2\n')).toThrow(/m\.csv: .*quote/i);
    expect(() => readCsv(new Uint8Array([0x61, 0xff]), 'm.csv')).toThrow('m.csv: not UTF-8 text');
  });

  it('names the columns there are where one is missing', () => {
    expect(columnIndex(read('a,b\n'), 'b', 'm.csv')).toBe(1);
    expect(() => columnIndex(read('a,b\n'), 'c', 'm.csv')).toThrow("m.csv: no column 'c'; there are: a, b");
  });

  it('writes what it reads back, quoting only where needed', () => {
    const text = writeCsv(
      ['id', 'note'],
      [
        ['i1', 'plain'],
        ['i2', 'a,"b"\nc'],
        ['i3', 0.1],
      ],
    );
    expect(text).toBe('id,note\ni1,plain\ni2,"a,""b""\nc"\ni3,0.1\n');
    expect(read(text).rows.map(({ fields }) => fields[1])).toEqual(['plain', 'a,"b"\nc', '0.1']);
  });
});

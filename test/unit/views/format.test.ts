import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatNumber } from '../../../src/views/format.ts';
import { sparkline, symbolsFor } from '../../../src/views/symbols.ts';
import { displayWidth, textTable } from '../../../src/views/text-table.ts';

describe('formatDuration', () => {
  it.each([
    [820, '0.8 s'],
    [12_300, '12 s'],
    [185_000, '3 min 05 s'],
    [119_900, '2 min 00 s'],
    [7_620_000, '2 h 07 min'],
  ])('%d ms is %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));
});

describe('formatNumber', () => {
  it.each([
    [0.65432, '0.6543'],
    [0, '0'],
    [637, '637'],
    [0.00002, '2.00e-5'],
    [123456.7, '1.23e+5'],
    [Number.NaN, 'NaN'],
  ])('%d is %s', (value, text) => expect(formatNumber(value)).toBe(text));
});

it('formats sizes in binary units', () => {
  expect([512, 2048, 5 * 1024 ** 3].map(formatBytes)).toEqual(['512 B', '2.0 KiB', '5.0 GiB']);
});

describe('symbolsFor', () => {
  it('falls back to ASCII where Unicode may not be shown', () => {
    expect(symbolsFor({ LANG: 'C' }, 'linux').running).toBe('>');
    expect(symbolsFor({ LANG: 'en_GB.UTF-8', TERM: 'linux' }, 'linux').running).toBe('>');
    expect(symbolsFor({ LANG: 'en_GB.UTF-8', TERM: 'xterm' }, 'linux').running).toBe('▶');
  });
});

describe('sparkline', () => {
  const symbols = symbolsFor({ LANG: 'C.UTF-8' }, 'linux');
  it('scales values to their own range, as means of as many as a bar stands for', () => {
    expect(sparkline([0, 1, 2, 3], 4, symbols)).toBe('▁▃▆█');
    expect(sparkline([0, 0, 1, 1, 2, 2, 2, 4], 4, symbols)).toBe('▁▃▆█');
    expect(sparkline([2, 2, Number.NaN], 8, symbols)).toBe('▁▁');
    expect(sparkline([], 8, symbols)).toBe('');
  });
});

describe('textTable', () => {
  it('aligns by the width that a terminal shows', () => {
    expect(displayWidth('γ=0.1')).toBe(5);
    expect(displayWidth('頭')).toBe(2);
    expect(
      textTable(
        [{ title: 'a' }, { title: 'n', align: 'right' }],
        [
          ['頭', '10'],
          ['b', '5'],
        ],
      ),
    ).toEqual(['a    n', '--  --', '頭  10', 'b    5']);
  });
});

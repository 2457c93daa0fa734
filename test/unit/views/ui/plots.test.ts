import { describe, expect, it } from 'vitest';
import { encodeLine, fitMiddle, fitText, type Line } from '../../../../src/views/cells.ts';
import { symbolsFor } from '../../../../src/views/symbols.ts';
import { displayWidth } from '../../../../src/views/text-table.ts';
import { drawPicture, plotCurves, plotScatter } from '../../../../src/views/ui/plots.ts';

const symbols = symbolsFor({ LANG: 'C.UTF-8' }, 'linux');
const colours = { symbols, depth: 'truecolor', unicode: true } as const;
const none = { symbols, depth: 'none', unicode: false } as const;
const text = (line: Line) => line.map((span) => span.text).join('');

describe('plots in a terminal', () => {
  it('places dots of a braille character as Unicode numbers them', () => {
    // Lower left is dot 7 (0x40), upper right dot 4 (0x08): one cell two dots wide and four high.
    const points = [
      { x: 0, y: 0, group: 0 },
      { x: 1, y: 1, group: 0 },
    ];
    const [first, second] = plotScatter(points, ['one'], { columns: 8, rows: 3 }, colours);
    expect(text(first)).toBe('       \u2808');
    expect(text(second)).toBe('\u2840       ');
  });

  it('tells classes apart by marks where there are no colours', () => {
    const points = [
      { x: 0, y: 0, group: 0 },
      { x: 1, y: 0, group: 1 },
      { x: 0, y: 1, group: 2 },
    ];
    const lines = plotScatter(points, ['a', 'b', 'c'], { columns: 8, rows: 3 }, none).map(text);
    expect(lines[0]).toBe('+       ');
    expect(lines[1]).toBe('o      x');
    expect(lines[2]).toBe(' o a  x b  + c ');
  });

  it('names the range of a curve and its last value', () => {
    const series = [{ name: 'loss', values: [4, 2, 1] }];
    const lines = plotCurves(series, { columns: 40, rows: 8 }, colours).map(text);
    expect(lines[0]).toMatch(/^ +4 │/);
    expect(lines[5]).toMatch(/^ +1 │/);
    expect(lines.at(-1)).toContain('loss 1');
    expect(text(plotCurves([], { columns: 40, rows: 8 }, colours)[0])).toBe('no values yet');
  });

  it('shows two pixels a cell as half-blocks, and shades of characters without colours', () => {
    const image = { pixels: [255, 0, 0, 255], height: 2, width: 2 };
    const [line] = drawPicture(image, { columns: 2, rows: 1 }, colours);
    expect(encodeLine(line, 'truecolor')).toBe(
      '\u001b[38;2;255;255;255;48;2;0;0;0m▀\u001b[0m\u001b[38;2;0;0;0;48;2;255;255;255m▀\u001b[0m',
    );
    // xterm's palette: 231 is white, 16 black.
    expect(encodeLine(line, '256')).toContain('38;5;231;48;5;16m');
    expect(drawPicture(image, { columns: 2, rows: 2 }, none).map(text)).toEqual(['@ ', ' @']);
  });

  it('cuts wide characters and leaves out control codes', () => {
    expect(fitText('ab\u001b[2Jc', 6)).toBe('ab[2Jc');
    expect(fitText('日本語', 4)).toBe('日~ ');
    expect(fitText('abc', 5, 'right')).toBe('  abc');
    expect(fitMiddle('finetune@gamma=1,seed=2', 12)).toBe('finetu~eed=2');
    expect(fitMiddle('abc', 5)).toBe('abc  ');
    for (let width = 0; width < 20; width++)
      for (const text of ['日本語日本語日本語', 'a日b本c語d', 'plain text that is long'])
        expect(displayWidth(fitMiddle(text, width)), text).toBe(width);
  });
});

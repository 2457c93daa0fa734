import { afterEach, describe, expect, it } from 'vitest';
import type { ColourDepth, Line } from '../../../../src/views/cells.ts';
import { createInkFrame, type Frame } from '../../../../src/views/live/ink-frame.tsx';

let frame: Frame | null = null;
afterEach(() => frame?.end());

function lay(lines: readonly Line[], columns = 40, depth: ColourDepth = 'none'): string[] {
  frame ??= createInkFrame(depth);
  return frame.lay(lines, columns);
}

describe('a picture laid out by Ink', () => {
  it('has one text a line, at once, also of the pictures after the first', () => {
    expect(lay([[{ text: 'ingest ' }, { text: '3/9' }], [{ text: '  indented' }]])).toEqual([
      'ingest 3/9',
      '  indented',
    ]);
    expect(lay([[{ text: 'pretrain' }]])).toEqual(['pretrain']);
    expect(lay([[{ text: 'a' }], [{ text: 'b' }], [{ text: 'c' }]])).toEqual(['a', 'b', 'c']);
  });

  it('keeps a row of its own for a line with nothing in it', () => {
    expect(lay([[{ text: 'a' }], [], [{ text: 'c' }]])).toEqual(['a', '', 'c']);
  });

  it('cuts a line that is too long, and wraps none', () => {
    const laid = lay([[{ text: 'x'.repeat(50) }], [{ text: 'next' }]], 20);
    expect(laid).toEqual([`${'x'.repeat(19)}…`, 'next']);
  });

  it('is as high as it is asked for, however high the terminal is', () => {
    expect(lay(Array.from({ length: 100 }, (_, row) => [{ text: `row ${row}` }]))).toHaveLength(100);
  });

  it('has no codes where there are no colours', () => {
    expect(lay([[{ text: 'failed', style: { fg: 'red', bold: true } }]])).toEqual(['failed']);
  });
});

import { describe, expect, it } from 'vitest';
import { drawText, measureText, truncateText, wrapText } from '../../../src/charts/text.ts';
import widths from '../../golden/charts/text-widths.json' with { type: 'json' };

const style = { size: 10 };

describe('text', () => {
  it.each(widths)('measures "$text" as the font file does', ({ text, regular, bold }) => {
    expect(Math.abs(measureText(text, { size: 1 }) - regular)).toBeLessThan(0.03 * regular);
    const measured = measureText(text, { size: 1, bold: true });
    expect(Math.abs(measured - bold)).toBeLessThan(0.06 * bold);
  });

  it('measures ideographs and emoji as an em, and nothing as 0', () => {
    expect(measureText('中文', style)).toBe(20);
    expect(measureText('😀', style)).toBe(10);
    expect(measureText('', style)).toBe(0);
  });

  it('truncates to a width with an ellipsis, keeping at least one character', () => {
    const text = 'an unreasonably long name';
    const short = truncateText(text, 80, style);
    expect(short).toMatch(/^an .*…$/);
    expect(measureText(short, style)).toBeLessThanOrEqual(80);
    expect(truncateText(text, 1000, style)).toBe(text);
    expect(truncateText(text, 0, style)).toBe('a…');
  });

  it('does not cut a character of two code units in half', () => {
    expect(truncateText('😀😀😀😀', 25, style)).toBe('😀…');
  });

  it('wraps at spaces, and truncates a word longer than a line', () => {
    const lines = wrapText('one two  three incomprehensibilities', 60, style);
    expect(lines.slice(0, 2)).toEqual(['one two', 'three']);
    expect(lines[2]).toMatch(/^incom.*…$/);
    for (const line of lines) expect(measureText(line, style)).toBeLessThanOrEqual(60);
    expect(wrapText('   ', 60, style)).toEqual([]);
  });

  it('draws escaped text with only the attributes it needs', () => {
    expect(drawText({ text: 'a<b', x: 1, y: 2, size: 10, colour: '#000' })).toBe(
      '<text x="1" y="2" font-size="10" fill="#000">a&lt;b</text>',
    );
    expect(drawText({ text: 'y', x: 1, y: 2, rotation: -90 })).toContain('transform="rotate(-90 1 2)"');
  });
});

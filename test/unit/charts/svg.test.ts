import { describe, expect, it } from 'vitest';
import { element, escapeText, formatNumber, group, svgDocument } from '../../../src/charts/svg.ts';
import { elementsOf, readSvg } from './read-svg.ts';

describe('svg', () => {
  it('escapes markup in text and attributes', () => {
    expect(escapeText('a < b & "c" > d')).toBe('a &lt; b &amp; &quot;c&quot; &gt; d');
    expect(element('g', { 'data-name': '"><script>' })).toBe('<g data-name="&quot;&gt;&lt;script&gt;"/>');
  });

  it('replaces what XML 1.0 forbids (section 2.2), and keeps the rest, emoji included', () => {
    expect(escapeText('a\u0000b\u001bc\ud800d\uffff')).toBe('a\ufffdb\ufffdc\ufffdd\ufffd');
    expect(escapeText('tab\tline\n😀 γ')).toBe('tab\tline\n😀 γ');
  });

  it('writes coordinates with fixed decimals, without trailing zeros or a negative zero', () => {
    expect(formatNumber(1.005)).toBe('1');
    expect(formatNumber(1 / 3)).toBe('0.33');
    expect(formatNumber(-0.001)).toBe('0');
    expect(formatNumber(12.34567, 1)).toBe('12.3');
  });

  it('refuses a coordinate that is not a number as a bug', () => {
    expect(() => element('rect', { x: Number.NaN })).toThrow('a coordinate is NaN');
  });

  it('leaves out attributes without a value and groups without content', () => {
    expect(element('path', { d: 'M0 0', stroke: undefined })).toBe('<path d="M0 0"/>');
    expect(group({ fill: 'red' }, '', '')).toBe('');
  });

  it('makes a white picture with title and description first, and no ids', () => {
    const svg = svgDocument({ width: 10.2, height: 20, title: 'A & B', description: '<none>' });
    const root = readSvg(svg);
    expect(root.attributes).toMatchObject({ width: '11', height: '20', viewBox: '0 0 11 20', role: 'img' });
    expect(root.children.map(({ name, text }) => [name, text])).toEqual([
      ['title', 'A & B'],
      ['desc', '<none>'],
      ['rect', ''],
    ]);
    expect(elementsOf(root, 'rect')[0].attributes.fill).toBe('#fff');
    expect(svg).not.toMatch(/\sid="/);
  });
});

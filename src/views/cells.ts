import type { Symbols } from './symbols.ts';
import { displayWidth } from './text-table.ts';

/** A terminal's named colours, or red, green and blue in 0 … 255. */
export type Colour =
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'magenta'
  | 'cyan'
  | readonly [number, number, number];
export interface Style {
  readonly fg?: Colour;
  readonly bg?: Colour;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}
export interface Span {
  readonly text: string;
  readonly style?: Style;
}
/** One row of the screen. */
export type Line = readonly Span[];
/** How many colours a terminal shows. */
export type ColourDepth = 'none' | '16' | '256' | 'truecolor';

export interface Look {
  readonly symbols: Symbols;
  readonly depth: ColourDepth;
  readonly unicode: boolean;
}

export const plain = (text: string, style?: Style): Line => [{ text, style }];

/** What a terminal must not see in a text from a file: control characters. */
export function printable(text: string): string {
  return text.replaceAll('\t', '  ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
}

/** Cut or padded to a width in columns. */
export function fitText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const clean = printable(text);
  const size = displayWidth(clean);
  if (size <= width) {
    const space = ' '.repeat(width - size);
    return align === 'right' ? space + clean : clean + space;
  }
  let out = '';
  let used = 0;
  for (const character of clean) {
    const wide = displayWidth(character);
    if (used + wide > width - 1) break;
    out += character;
    used += wide;
  }
  return width <= 0 ? '' : `${out}~${' '.repeat(width - used - 1)}`;
}

/** As `fitText`, cut in the middle: step ids of one stage differ at their ends. */
export function fitMiddle(text: string, width: number): string {
  const clean = printable(text);
  if (displayWidth(clean) <= width || width < 3) return fitText(text, width);
  const tailWidth = Math.floor((width - 1) / 2);
  let tail = '';
  for (const character of [...clean].reverse()) {
    if (displayWidth(character + tail) > tailWidth) break;
    tail = character + tail;
  }
  const head = fitText(clean, width - displayWidth(tail)).trimEnd();
  return fitText(head + tail, width);
}

/** In pieces of at most a width in columns. */
export function wrapText(text: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const character of printable(text)) {
    const wide = displayWidth(character);
    if (used + wide > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += wide;
  }
  return [...pieces, piece];
}

/** Cut or padded to a width, spans kept. */
export function fitLine(line: Line, width: number, fill?: Style): Line {
  const out: Span[] = [];
  let left = width;
  for (const { text, style } of line) {
    if (left <= 0) break;
    const clean = printable(text);
    const size = displayWidth(clean);
    const shown = size <= left ? clean : fitText(clean, left);
    out.push({ text: shown, style });
    left -= Math.min(size, left);
  }
  if (left > 0) out.push({ text: ' '.repeat(left), style: fill });
  return out;
}

/** Two blocks side by side, the left one cut or padded to its width. */
export function beside(left: readonly Line[], leftWidth: number, right: readonly Line[]): Line[] {
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, row) => [
    ...fitLine(left[row] ?? [], leftWidth),
    ...(right[row] ?? []),
  ]);
}

const NAMED = { red: 1, green: 2, yellow: 3, blue: 4, magenta: 5, cyan: 6 } as const;

/** Text with colour codes (ECMA-48 SGR), ending in the plain style. */
export function encodeLine(line: Line, depth: ColourDepth): string {
  let out = '';
  for (const { text, style } of line) {
    const codes = style ? styleCodes(style, depth) : [];
    out += codes.length > 0 ? `\u001b[${codes.join(';')}m${text}\u001b[0m` : text;
  }
  return out;
}

function styleCodes({ fg, bg, bold, dim, inverse }: Style, depth: ColourDepth): string[] {
  const codes: string[] = [];
  if (bold) codes.push('1');
  if (dim) codes.push('2');
  if (inverse) codes.push('7');
  if (fg && depth !== 'none') codes.push(colourCode(fg, 30, depth));
  if (bg && depth !== 'none') codes.push(colourCode(bg, 40, depth));
  return codes;
}

function colourCode(colour: Colour, base: 30 | 40, depth: ColourDepth): string {
  if (typeof colour === 'string') return String(base + NAMED[colour]);
  const [red, green, blue] = colour;
  if (depth === 'truecolor') return `${base + 8};2;${red};${green};${blue}`;
  if (depth === '256') return `${base + 8};5;${paletteIndex(colour)}`;
  // Sixteen colours: which of the three is more than half of the brightest.
  const most = Math.max(red, green, blue, 1);
  const bits = (red * 2 > most ? 1 : 0) + (green * 2 > most ? 2 : 0) + (blue * 2 > most ? 4 : 0);
  return String(base + (most < 48 ? 0 : bits) + (most > 170 ? 60 : 0));
}

/** In xterm's palette: the 6×6×6 cube from 16, 24 greys from 232. */
function paletteIndex([red, green, blue]: readonly [number, number, number]): number {
  if (red === green && green === blue)
    return red < 8 ? 16 : red > 248 ? 231 : 232 + Math.min(23, Math.round((red - 8) / 10));
  const step = (value: number) => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40));
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}

export function colourDepth(env: NodeJS.ProcessEnv): ColourDepth {
  if (env.NO_COLOR) return 'none';
  if (/truecolor|24bit/i.test(env.COLORTERM ?? '')) return 'truecolor';
  if (/256/.test(env.TERM ?? '') || env.WT_SESSION) return '256';
  return '16';
}

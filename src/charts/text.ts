import { type Attributes, element, escapeText } from './svg.ts';

/** Sizes of text, px. */
export const TITLE_SIZE = 13;
export const LABEL_SIZE = 12;
export const TICK_SIZE = 11;
export const NOTE_SIZE = 10;

/** Colours of text: main and secondary. */
export const INK = '#222222';
export const MUTED = '#5f5f5f';

export interface TextStyle {
  /** px */
  readonly size: number;
  readonly bold?: boolean;
}

/** Advance widths of DejaVu Sans 2.37, thousandths of an em, for U+0020 … U+007E (table hmtx). */
const ASCII_WIDTHS = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
  636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
  295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
  500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
  392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];
/** The same, beyond ASCII, where charts use it; letters of other alphabets are about as wide as 'a'. */
const OTHER_WIDTHS: { readonly [character: string]: number } = {
  '×': 838,
  '±': 838,
  '−': 838,
  '→': 838,
  '–': 500,
  '—': 1000,
  '…': 1000,
  '·': 318,
  '⁻': 528,
};
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const SUPERSCRIPT_WIDTH = 401;
const UNKNOWN_WIDTH = 640;
/** Ideographs and emoji fill their em. */
const WIDE_WIDTH = 1000;
/** Bold glyphs are 10 to 11 % wider on average; the larger of the two. */
const BOLD_FACTOR = 1.11;

/** Width of one line of text in px, kerning left out: within some per cent, rarely too small. */
export function measureText(text: string, { size, bold }: TextStyle): number {
  let thousandths = 0;
  for (const character of text) thousandths += characterWidth(character);
  return (thousandths / 1000) * size * (bold ? BOLD_FACTOR : 1);
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code >= 0x20 && code <= 0x7e) return ASCII_WIDTHS[code - 0x20];
  if (SUPERSCRIPTS.includes(character)) return SUPERSCRIPT_WIDTH;
  return OTHER_WIDTHS[character] ?? (code >= 0x2e80 ? WIDE_WIDTH : UNKNOWN_WIDTH);
}

/** The widest of some lines, px; 0 for none. */
export function widestText(texts: readonly string[], style: TextStyle): number {
  return texts.reduce((width, text) => Math.max(width, measureText(text, style)), 0);
}

/** The text, or its beginning and '…', so that it fits into `width` px. At least one character remains. */
export function truncateText(text: string, width: number, style: TextStyle): string {
  if (measureText(text, style) <= width) return text;
  const characters = [...text];
  let kept = characters.length - 1;
  while (kept > 1 && measureText(`${characters.slice(0, kept).join('')}…`, style) > width) kept--;
  return `${characters.slice(0, kept).join('').trimEnd()}…`;
}

/** Lines of at most `width` px, broken at spaces; a word that is too long for a line is truncated. */
export function wrapText(text: string, width: number, style: TextStyle): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length > 0 && measureText(longer, style) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => truncateText(line, width, style));
}

export interface Label extends Partial<TextStyle> {
  readonly text: string;
  /** px: the anchor's place, on the baseline. */
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly colour?: string;
  /** Degrees, clockwise about the anchor. */
  readonly rotation?: number;
  /** A white outline below the letters, for text that lies on data. */
  readonly halo?: boolean;
  readonly italic?: boolean;
}

/** A line of text. */
export function drawText(label: Label): string {
  const { text, x, y, size = TICK_SIZE, anchor = 'start', colour = INK, rotation, halo } = label;
  const attributes: Attributes = {
    x,
    y,
    'font-size': size,
    'font-weight': label.bold ? 'bold' : undefined,
    'font-style': label.italic ? 'italic' : undefined,
    'text-anchor': anchor === 'start' ? undefined : anchor,
    fill: colour,
    transform: rotation ? `rotate(${rotation} ${Number(x.toFixed(2))} ${Number(y.toFixed(2))})` : undefined,
    ...(halo
      ? { stroke: '#fff', 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke' }
      : {}),
  };
  return element('text', attributes, escapeText(text));
}

/** Distance from the middle of a line of digits or capitals down to its baseline, px (cap height 0.73 em). */
export function baselineShift(size: number): number {
  return size * 0.365;
}

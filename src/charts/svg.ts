/** A value of an attribute; `undefined` leaves the attribute out. Numbers are in px unless SVG says otherwise. */
export type Attributes = { readonly [name: string]: string | number | undefined };

/** Verdana has nearly the widths of DejaVu Sans, so labels still fit where a browser lacks the latter. */
const FONT_FAMILY = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';

/** One element with its children, already serialised; text content goes through `escapeText` first. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => ` ${key}="${typeof value === 'number' ? formatNumber(value) : escapeText(value!)}"`,
    )
    .join('');
  const content = children.join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A group: what its children share is written once. */
export function group(attributes: Attributes, ...children: readonly string[]): string {
  const content = children.join('');
  return content === '' ? '' : element('g', attributes, content);
}

/**
 * Text for element content and attribute values: markup escaped, and characters that XML 1.0 forbids
 * (controls, unpaired surrogates: section 2.2) replaced by U+FFFD, for one of them makes a file unreadable.
 */
export function escapeText(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/**
 * A coordinate: at most `decimals` places, no trailing zeros, no negative zero.
 * A number that is not finite here is a bug of the chart: it has to drop such data before.
 */
export function formatNumber(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) throw new Error(`a coordinate is ${value}`);
  return String(Number(value.toFixed(decimals)) + 0);
}

export interface SvgDocument {
  /** px */
  readonly width: number;
  readonly height: number;
  /** Short name of the picture, for who cannot see it. */
  readonly title: string;
  /** What the picture shows, with its counts: also says what was left out. */
  readonly description: string;
}

/**
 * A whole picture on white. It holds no ids, so that several can stand in one HTML page.
 * @returns SVG text, one line, ending in a newline.
 */
export function svgDocument(document: SvgDocument, ...children: readonly string[]): string {
  const width = Math.ceil(document.width);
  const height = Math.ceil(document.height);
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'font-family': FONT_FAMILY,
    },
    element('title', {}, escapeText(document.title)),
    element('desc', {}, escapeText(document.description)),
    element('rect', { width, height, fill: '#fff' }),
    ...children,
  );
  return `${svg}\n`;
}

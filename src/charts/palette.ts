import { pow } from '../core/pinned-math.ts';
import type { MarkerShape } from './markers.ts';
import { INK } from './text.ts';

/**
 * Okabe and Ito (2008), 'Color Universal Design': told apart with any common colour blindness. Its yellow
 * is left out, being hardly visible on white; black comes last. In the order of use.
 */
const CLASS_COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'] as const;
/** Eight shapes and seven colours have no common divisor: 56 classes before a pair comes again. */
const CLASS_SHAPES: readonly MarkerShape[] = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'cross',
  'triangle-down',
  'plus',
  'ring',
];
/** Dash patterns, px, by series; the first is a solid line. */
const LINE_DASHES = [undefined, '6 3', '1.5 2.5', '8 3 1.5 3', '10 3', '4 2', '3 3 1 3'] as const;

/** How a class or a series looks: never by colour alone. */
export interface Appearance {
  readonly colour: string;
  readonly shape: MarkerShape;
  readonly dash: string | undefined;
}

/** @param index of the class or series, from 0. */
export function appearanceOf(index: number): Appearance {
  return {
    colour: CLASS_COLOURS[index % CLASS_COLOURS.length],
    shape: CLASS_SHAPES[index % CLASS_SHAPES.length],
    dash: LINE_DASHES[index % LINE_DASHES.length],
  };
}

const MIDDLE_BLUE = '#6bb1dc';
const DEEP_BLUE = '#004b76';

/**
 * A colour mixed with white.
 * @param colour '#rrggbb'
 * @param share of the colour, 0 … 1.
 */
export function tint(colour: string, share: number): string {
  return mix(colour, '#ffffff', share);
}

function mix(colour: string, other: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [one, two] = [colour, other].map((whole) => Number.parseInt(whole.slice(at, at + 2), 16));
    return Math.round(two + (one - two) * share)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${parts.join('')}`;
}

/** White over a light to a deep shade of the palette's blue, for a share in 0 … 1. */
export function sequentialColour(share: number): string {
  if (share <= 0.5) return mix(MIDDLE_BLUE, '#ffffff', Math.max(0, share) * 2);
  return mix(DEEP_BLUE, MIDDLE_BLUE, Math.min(1, share) * 2 - 1);
}

/** Dark or white text on a colour '#rrggbb', whichever has the better contrast (WCAG 2.1, 'contrast ratio'). */
export function inkOn(colour: string): string {
  const onWhite = 1.05 / (relativeLuminance(colour) + 0.05);
  const onDark = (relativeLuminance(colour) + 0.05) / (relativeLuminance(INK) + 0.05);
  return onDark >= onWhite ? INK : '#ffffff';
}

/** WCAG 2.1, 'relative luminance', of an sRGB colour. */
function relativeLuminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

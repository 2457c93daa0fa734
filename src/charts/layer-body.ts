import { log2 } from '../core/pinned-math.ts';
import { tint } from './palette.ts';
import { element, formatNumber, group } from './svg.ts';
import { drawText, LABEL_SIZE } from './text.ts';

/** What a layer's output looks like. */
export interface Body {
  readonly kind: 'map' | 'vector';
  /** [height, width, channels] or [units]. */
  readonly shape: readonly number[];
  readonly colour: string;
  /** Stands above. */
  readonly symbol?: string;
}

/** Room for the highest body with its symbol, px. */
export const BODY_HEIGHT = 104;
/** A vector of at most so many units shows each as a disc. */
const MOST_DISCS = 12;

/** px */
export function bodyWidth(body: Body): number {
  const { thickness, slant } = sizeOf(body);
  return thickness + slant;
}

/** A body with its symbol above, its middle at (x, y). */
export function drawBody(body: Body, x: number, y: number): string {
  const { height } = sizeOf(body);
  const discs = body.kind === 'vector' && body.shape[0] <= MOST_DISCS;
  const drawn =
    body.kind === 'map' ? drawBlock(body, x, y) : discs ? drawDiscs(body, x, y) : drawBar(body, x, y);
  const top = y - (discs ? discPitch(body.shape[0]) * body.shape[0] : height) / 2;
  const symbol = body.symbol
    ? drawText({ text: body.symbol, x, y: top - 5, size: LABEL_SIZE, anchor: 'middle', italic: true })
    : '';
  return drawn + symbol;
}

/** A feature map: channels as thickness, the picture plane at an angle. */
function drawBlock(body: Body, x: number, y: number): string {
  const { thickness, height, slant } = sizeOf(body);
  const n = (value: number) => formatNumber(value, 1);
  const left = x - (thickness + slant) / 2;
  // The front stands in the middle of the row, where the arrow meets it.
  const front = height - slant;
  const top = y - front / 2;
  const face = (d: string, share: number) =>
    element('path', {
      d,
      fill: tint(body.colour, share),
      stroke: body.colour,
      'stroke-width': 0.9,
      'stroke-linejoin': 'round',
    });
  return [
    face(`M${n(left)} ${n(top)}h${n(thickness)}v${n(front)}h${n(-thickness)}z`, 0.42),
    face(`M${n(left)} ${n(top)}l${n(slant)} ${n(-slant)}h${n(thickness)}l${n(-slant)} ${n(slant)}z`, 0.16),
    face(
      `M${n(left + thickness)} ${n(top)}l${n(slant)} ${n(-slant)}v${n(front)}l${n(-slant)} ${n(slant)}z`,
      0.26,
    ),
  ].join('');
}

function drawBar(body: Body, x: number, y: number): string {
  const { thickness, height } = sizeOf(body);
  return element('rect', {
    x: x - thickness / 2,
    y: y - height / 2,
    width: thickness,
    height,
    fill: tint(body.colour, 0.3),
    stroke: body.colour,
    'stroke-width': 0.9,
  });
}

/** Distance of neighbouring discs, px. */
function discPitch(units: number): number {
  return Math.min(15, (BODY_HEIGHT - 24) / units);
}

function drawDiscs(body: Body, x: number, y: number): string {
  const pitch = discPitch(body.shape[0]);
  const first = y - (pitch * (body.shape[0] - 1)) / 2;
  const style = { fill: tint(body.colour, 0.35), stroke: body.colour, 'stroke-width': 0.9 };
  const discs = Array.from({ length: body.shape[0] }, (_, index) =>
    element('circle', { cx: x, cy: first + index * pitch, r: pitch * 0.37 }),
  );
  return group(style, ...discs);
}

/** px; for a map its thickness and its side, seen from an angle. */
function sizeOf({ kind, shape }: Body): { thickness: number; height: number; slant: number } {
  const [size, channels] = kind === 'map' ? [Math.max(shape[0], shape[1]), shape[2]] : [shape[0], 1];
  const height = 12 + Math.min(9, log2(1 + size)) * (kind === 'map' ? 7.5 : 7.8);
  if (kind === 'vector') return { thickness: 11, height, slant: 0 };
  return { thickness: 3 + Math.min(10, log2(1 + channels)) * 4, height, slant: height * 0.26 };
}

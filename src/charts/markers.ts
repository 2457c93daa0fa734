import { type Attributes, element, formatNumber } from './svg.ts';

export type MarkerShape =
  | 'circle'
  | 'square'
  | 'triangle'
  | 'triangle-down'
  | 'diamond'
  | 'ring'
  | 'plus'
  | 'cross';

export interface MarkerStyle {
  readonly shape: MarkerShape;
  readonly colour: string;
  /** Half the size of a circle, px; other shapes are drawn with about its area. */
  readonly radius: number;
  readonly opacity?: number;
  /** Drawn as an outline on white. */
  readonly hollow?: boolean;
}

/**
 * Many equal markers as one path: about 15 bytes each, so that 2,000 points stay small.
 * @param points centres, px.
 */
export function drawMarkers(points: readonly (readonly [number, number])[], style: MarkerStyle): string {
  if (points.length === 0) return '';
  const { shape, colour, radius, opacity, hollow } = style;
  const stroked = shape === 'plus' || shape === 'cross' || shape === 'ring';
  // A path of zero length with round caps is a dot (SVG 2, section 13.5): the shortest circle there is.
  const dots = shape === 'circle' && !hollow;
  const outline = dots ? 'h0' : markerOutline(shape, radius);
  const [dx, dy] = dots ? [0, 0] : markerStart(shape, radius);
  const d = points
    .map(([x, y]) => `M${formatNumber(x + dx, 1)} ${formatNumber(y + dy, 1)}${outline}`)
    .join('');
  return element('path', { d, ...paint({ colour, radius, stroked, dots, hollow }), opacity });
}

function paint(of: {
  colour: string;
  radius: number;
  stroked: boolean;
  dots: boolean;
  hollow?: boolean;
}): Attributes {
  if (of.dots)
    return { fill: 'none', stroke: of.colour, 'stroke-width': 2 * of.radius, 'stroke-linecap': 'round' };
  if (of.stroked) return { fill: 'none', stroke: of.colour, 'stroke-width': Math.max(1, of.radius * 0.55) };
  if (of.hollow) return { fill: '#fff', stroke: of.colour, 'stroke-width': 1.4 };
  return { fill: of.colour };
}

/** From a marker's centre to where its outline begins. */
function markerStart(shape: MarkerShape, r: number): readonly [number, number] {
  switch (shape) {
    case 'circle':
      return [-r, 0];
    case 'square':
      return [-0.88 * r, -0.88 * r];
    case 'triangle':
      return [0, -1.3 * r];
    case 'triangle-down':
      return [0, 1.3 * r];
    case 'diamond':
      return [0, -1.3 * r];
    case 'ring':
      return [-r, 0];
    case 'plus':
      return [-1.15 * r, 0];
    case 'cross':
      return [-0.95 * r, -0.95 * r];
  }
}

/** Relative path commands of a marker's outline. */
function markerOutline(shape: MarkerShape, r: number): string {
  const n = (factor: number) => formatNumber(factor * r);
  switch (shape) {
    case 'circle':
    case 'ring':
      return `a${n(1)} ${n(1)} 0 1 0 ${n(2)} 0a${n(1)} ${n(1)} 0 1 0 ${n(-2)} 0z`;
    case 'square':
      return `h${n(1.76)}v${n(1.76)}h${n(-1.76)}z`;
    case 'triangle':
      return `l${n(1.2)} ${n(2.1)}h${n(-2.4)}z`;
    case 'triangle-down':
      return `l${n(1.2)} ${n(-2.1)}h${n(-2.4)}z`;
    case 'diamond':
      return `l${n(1.2)} ${n(1.3)}l${n(-1.2)} ${n(1.3)}l${n(-1.2)} ${n(-1.3)}z`;
    case 'plus':
      return `h${n(2.3)}m${n(-1.15)} ${n(-1.15)}v${n(2.3)}`;
    case 'cross':
      return `l${n(1.9)} ${n(1.9)}m0 ${n(-1.9)}l${n(-1.9)} ${n(1.9)}`;
  }
}

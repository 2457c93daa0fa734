import { Delaunay } from 'd3-delaunay';
import { extent, formatCount, linearScale } from './axes.ts';
import { drawColumnLegend, drawEmptyNote, drawTitle, MARGIN } from './layout.ts';
import { drawMarkers } from './markers.ts';
import { appearanceOf, tint } from './palette.ts';
import { element, formatNumber, group, svgDocument } from './svg.ts';
import { baselineShift, drawText, INK, LABEL_SIZE, MUTED, NOTE_SIZE, truncateText } from './text.ts';

export interface ScatterInput {
  readonly title?: string;
  /** 'UMAP 1', 't-SNE 2': the axes have no ticks, for such coordinates mean nothing by themselves. */
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** [n, 2] row-major. */
  readonly coordinates: ArrayLike<number>;
  /** Index into `classNames`, for each point. */
  readonly classes: ArrayLike<number>;
  readonly classNames: readonly string[];
  readonly centres?: {
    /** [k, 2] row-major. */
    readonly coordinates: ArrayLike<number>;
    /** Written into the marks. Default 0, 1, 2 … */
    readonly names?: readonly string[];
    /** Class whose colour tints the cell: its own, or the one matched to it. Without it cells are white. */
    readonly classes?: readonly number[];
    /** Cells of points nearest to a centre; at least two centres. Default true. */
    readonly cells?: boolean;
  };
  /** Side of the square plot, px. Default 360. */
  readonly size?: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly classIndex: number;
}

/**
 * Points by class, each class with a colour and a shape, the Voronoi cells of the centres behind
 * (Figures 3.6, 3.7). Both axes have one scale, so that a cell's border is half-way also to the eye.
 * Points without finite coordinates or with an unknown class are left out and counted in the description.
 */
export function drawScatter(input: ScatterInput): string {
  const { title, size = 360 } = input;
  const { points, centres, heading, left, top, place } = layOut(input);
  const box = { x: left, y: top, width: size, height: size };
  const legend = drawColumnLegend(legendEntries(input, points), {
    x: left + size + 16,
    y: top,
    height: size,
  });
  return svgDocument(
    {
      width:
        Math.max(left + size + (legend.width > 0 ? 16 + legend.width : 0), MARGIN + heading.width) + MARGIN,
      height: top + size + (input.xLabel ? LABEL_SIZE + 8 : 0) + MARGIN,
      title: title ?? 'Scatter plot',
      description: describe(input, points, centres.filter(isFinitePoint).length),
    },
    heading.svg,
    drawCells(input, centres, place, box),
    group({}, ...drawPoints(input, points, place)),
    element('rect', { ...box, fill: 'none', stroke: '#444444', 'stroke-width': 1 }),
    drawCentres(input, centres, place),
    drawAxisNames(input, box),
    legend.svg,
    points.length === 0 ? drawEmptyNote(box) : '',
  );
}

/** Where `drawScatter` puts each point of the input, px; null for those that it leaves out. */
export function placePoints(input: ScatterInput): (readonly [number, number] | null)[] {
  const { place } = layOut(input);
  return Array.from({ length: input.classes.length }, (_, index) => {
    const point = pointAt(input, index);
    return point && place(point);
  });
}

function layOut(input: ScatterInput) {
  const { title, size = 360 } = input;
  const points = readPoints(input);
  const centres = readCentres(input);
  const heading = drawTitle(title, { x: MARGIN, y: MARGIN, width: size + 120 });
  const left = MARGIN + (input.yLabel ? LABEL_SIZE + 6 : 0);
  const top = MARGIN + heading.height;
  const place = placeInSquare([...points, ...centres.filter(isFinitePoint)], { left, top, size });
  return { points, centres, heading, left, top, place };
}

type Place = (point: { x: number; y: number }) => readonly [number, number];

/** One scale for both axes; the data lies in the middle of the square with 5 % of it free on each side. */
function placeInSquare(
  points: readonly { x: number; y: number }[],
  square: { left: number; top: number; size: number },
): Place {
  const [xLow, xHigh] = linearScale(extent(points.map(({ x }) => x)), { nice: false }).domain;
  const [yLow, yHigh] = linearScale(extent(points.map(({ y }) => y)), { nice: false }).domain;
  const perUnit = (square.size * 0.9) / Math.max(xHigh - xLow, yHigh - yLow);
  const middle = square.size / 2;
  return ({ x, y }) => [
    square.left + middle + (x - (xLow + xHigh) / 2) * perUnit,
    square.top + middle - (y - (yLow + yHigh) / 2) * perUnit,
  ];
}

function isFinitePoint({ x, y }: { x: number; y: number }): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function readPoints(input: ScatterInput): Point[] {
  return Array.from({ length: input.classes.length }, (_, index) => pointAt(input, index)).filter(
    (point) => point !== null,
  );
}

function pointAt({ coordinates, classes, classNames }: ScatterInput, index: number): Point | null {
  const point = { x: coordinates[2 * index], y: coordinates[2 * index + 1], classIndex: classes[index] };
  return isFinitePoint(point) && classNames[point.classIndex] !== undefined ? point : null;
}

function readCentres({ centres }: ScatterInput): { x: number; y: number }[] {
  const flat = Array.from(centres?.coordinates ?? []);
  return Array.from({ length: flat.length / 2 }, (_, index) => ({
    x: flat[2 * index],
    y: flat[2 * index + 1],
  }));
}

function drawPoints({ classNames }: ScatterInput, points: readonly Point[], place: Place): string[] {
  const radius = points.length > 4000 ? 1.6 : points.length > 1000 ? 2.1 : points.length > 300 ? 2.6 : 3.1;
  return classNames.map((_, classIndex) => {
    const placed = points.filter((point) => point.classIndex === classIndex).map(place);
    return drawMarkers(placed, { ...appearanceOf(classIndex), radius, opacity: 0.8 });
  });
}

/** Cells by d3-delaunay in px, clipped to the box and tinted by class; each border is drawn once, dashed. */
function drawCells(
  { centres: given }: ScatterInput,
  centres: readonly { x: number; y: number }[],
  place: Place,
  box: { x: number; y: number; width: number; height: number },
): string {
  if (!given || given.cells === false) return '';
  const indices = centres.map((_, index) => index).filter((index) => isFinitePoint(centres[index]));
  const placed = indices.map((index) => place(centres[index]));
  if (new Set(placed.map((point) => point.join())).size < 2) return '';
  const delaunay = Delaunay.from(placed.map(([x, y]): [number, number] => [x, y]));
  const voronoi = delaunay.voronoi([box.x, box.y, box.x + box.width, box.y + box.height]);
  const cells = indices.map((index, cell) => {
    const classIndex = given.classes?.[index];
    const d = pathOf((context) => voronoi.renderCell(cell, context));
    if (classIndex === undefined || d === '') return '';
    return element('path', { d, fill: tint(appearanceOf(classIndex).colour, 0.12) });
  });
  const borders = element('path', {
    d: pathOf((context) => voronoi.render(context)),
    fill: 'none',
    stroke: '#808080',
    'stroke-dasharray': '5 3',
  });
  return group({}, ...cells, borders);
}

/** What is rendered, as path data with one decimal. */
function pathOf(
  render: (context: Delaunay.MoveContext & Delaunay.LineContext & Delaunay.ClosableContext) => void,
): string {
  let d = '';
  const at = (x: number, y: number) => `${formatNumber(x, 1)} ${formatNumber(y, 1)}`;
  render({
    moveTo: (x, y) => {
      d += `M${at(x, y)}`;
    },
    lineTo: (x, y) => {
      d += `L${at(x, y)}`;
    },
    closePath: () => {
      d += 'Z';
    },
  });
  return d;
}

/** A white disc with the cluster's name: told from any point, whatever its class. */
function drawCentres(
  { centres: given }: ScatterInput,
  centres: readonly { x: number; y: number }[],
  place: Place,
): string {
  const marks = centres.map((centre, index) => {
    if (!isFinitePoint(centre)) return '';
    const [x, y] = place(centre);
    const text = truncateText(given?.names?.[index] ?? String(index), 24, { size: NOTE_SIZE, bold: true });
    const disc = element('circle', { cx: x, cy: y, r: 8, fill: '#fff', stroke: INK, 'stroke-width': 1.4 });
    const name = drawText({
      text,
      x,
      y: y + baselineShift(NOTE_SIZE),
      size: NOTE_SIZE,
      bold: true,
      anchor: 'middle',
    });
    return disc + name;
  });
  return group({}, ...marks);
}

function drawAxisNames(
  { xLabel, yLabel }: ScatterInput,
  box: { x: number; y: number; width: number; height: number },
): string {
  const style = { size: LABEL_SIZE, anchor: 'middle', colour: MUTED } as const;
  const below = { x: box.x + box.width / 2, y: box.y + box.height + LABEL_SIZE + 5 };
  const beside = { x: box.x - 8, y: box.y + box.height / 2, rotation: -90 };
  return [
    xLabel ? drawText({ ...style, ...below, text: truncateText(xLabel, box.width, style) }) : '',
    yLabel ? drawText({ ...style, ...beside, text: truncateText(yLabel, box.height, style) }) : '',
  ].join('');
}

function countByClass({ classNames }: ScatterInput, points: readonly Point[]): number[] {
  const counts = classNames.map(() => 0);
  for (const { classIndex } of points) counts[classIndex]++;
  return counts;
}

function legendEntries(input: ScatterInput, points: readonly Point[]) {
  const counts = countByClass(input, points);
  return input.classNames.map((name, index) => ({
    name,
    appearance: appearanceOf(index),
    mark: 'marker' as const,
    count: formatCount(counts[index]),
  }));
}

function describe(input: ScatterInput, points: readonly Point[], centres: number): string {
  const counts = countByClass(input, points);
  const classes = input.classNames.map((name, index) => `${name} ${counts[index]}`).join(', ');
  const left = input.classes.length - points.length;
  const omitted = left > 0 ? ` ${left} points without a finite place or a known class are left out.` : '';
  const marked = centres > 0 ? ` ${centres} cluster centres are marked.` : '';
  return `${points.length} points in ${input.classNames.length} classes: ${classes || 'none'}.${marked}${omitted}`;
}

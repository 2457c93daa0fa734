import type { Scale, Tick } from './axes.ts';
import { element, formatNumber, group } from './svg.ts';
import {
  baselineShift,
  drawText,
  INK,
  LABEL_SIZE,
  measureText,
  TICK_SIZE,
  truncateText,
  widestText,
} from './text.ts';

const AXIS_COLOUR = '#444444';
const GRID_COLOUR = '#e4e4e4';
const TICK_LENGTH = 5;
const TICK_GAP = 4;
const LABEL_GAP = 8;
/** A longer name of a category is truncated. */
const CATEGORY_WIDTH = 130;

export interface FrameAxis {
  readonly scale: Scale;
  readonly label?: string;
  /** Tick labels are left out: the panel beside shows them. */
  readonly bare?: boolean;
}

export interface FrameOptions {
  /** Outer corner, px: the axis labels lie inside. */
  readonly x: number;
  readonly y: number;
  /** Inner size, between the axes, px. */
  readonly width: number;
  readonly height: number;
  readonly xAxis: FrameAxis;
  readonly yAxis: FrameAxis;
}

/** A drawn pair of axes and the way from values to px. */
export interface Frame {
  readonly svg: string;
  /** Inner corner, px. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** With labels, px. */
  readonly outerWidth: number;
  readonly outerHeight: number;
  px(value: number): number;
  py(value: number): number;
}

/** Axes at the left and below, ticks outwards, light lines across at the y ticks. */
export function drawFrame(options: FrameOptions): Frame {
  const { xAxis, yAxis, width, height } = options;
  const margins = frameMargins(options);
  const left = options.x + margins.left;
  const top = options.y + margins.top;
  const right = left + width;
  const bottom = top + height;
  const px = (value: number) => left + xAxis.scale.at(value) * width;
  const py = (value: number) => bottom - yAxis.scale.at(value) * height;
  const edges = { left, top, right, bottom };
  const svg = group(
    {},
    drawGrid(yAxis.scale.ticks, edges, py),
    drawSpines({ ...options, slanted: margins.slanted }, edges, px, py),
    yAxis.bare ? '' : drawYLabels(yAxis, edges, py, margins.left),
    xAxis.bare ? '' : drawXLabels(xAxis, edges, px, margins),
  );
  const outerWidth = margins.left + width + margins.right;
  const outerHeight = margins.top + height + margins.bottom;
  return { svg, ...edges, outerWidth, outerHeight, px, py };
}

interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Names of categories do not fit side by side. */
  readonly slanted: boolean;
}

/** What tick and axis labels need around the inner area, px. */
export function frameMargins({ xAxis, yAxis, width }: FrameOptions): Margins {
  const style = { size: TICK_SIZE };
  const yWidth = yAxis.bare ? 0 : widestText(labelsOf(yAxis), style);
  const xLabels = xAxis.bare ? [] : labelsOf(xAxis);
  const xWidest = widestText(xLabels, style);
  const slanted =
    xAxis.scale.kind === 'category' && xWidest > width / Math.max(1, xAxis.scale.ticks.length) - 6;
  const left =
    TICK_LENGTH + TICK_GAP + yWidth + (yAxis.label && !yAxis.bare ? LABEL_SIZE + LABEL_GAP : 0) + 2;
  // Rotated by 35 degrees: sine 0.574, cosine 0.819.
  const below = slanted ? xWidest * 0.574 + TICK_SIZE : TICK_SIZE + 1;
  const firstSlot = width / Math.max(1, xAxis.scale.ticks.length) / 2;
  const bottom =
    TICK_LENGTH + (xAxis.bare ? 0 : TICK_GAP + below) + (xAxis.label ? LABEL_SIZE + LABEL_GAP : 0);
  return {
    left: slanted ? Math.max(left, xWidest * 0.819 - firstSlot) : left,
    right: Math.max(2, slanted ? 0 : overhang(xAxis, width)),
    top: TICK_SIZE / 2,
    bottom,
    slanted,
  };
}

/** How far the last x label reaches beyond the right end, px. */
function overhang({ scale, bare }: FrameAxis, width: number): number {
  if (bare) return 0;
  return scale.ticks.reduce((most, { value, label }) => {
    const end = scale.at(value) * width + measureText(label, { size: TICK_SIZE }) / 2;
    return Math.max(most, end - width);
  }, 0);
}

function labelsOf(axis: FrameAxis): string[] {
  const category = axis.scale.kind === 'category';
  return axis.scale.ticks.map(({ label }) =>
    category ? truncateText(label, CATEGORY_WIDTH, { size: TICK_SIZE }) : label,
  );
}

interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function drawGrid(ticks: readonly Tick[], { left, right }: Edges, py: (value: number) => number): string {
  const d = ticks
    .filter(({ label }) => label !== '')
    .map(({ value }) => `M${formatNumber(left)} ${formatNumber(py(value))}H${formatNumber(right)}`)
    .join('');
  return d === '' ? '' : element('path', { d, stroke: GRID_COLOUR, 'stroke-width': 1, fill: 'none' });
}

function drawSpines(
  { xAxis, yAxis, slanted }: FrameOptions & { slanted: boolean },
  { left, top, right, bottom }: Edges,
  px: (value: number) => number,
  py: (value: number) => number,
): string {
  const length = ({ label }: Tick) => (label === '' ? TICK_LENGTH * 0.6 : TICK_LENGTH);
  const xTicks =
    xAxis.scale.kind === 'category' && !slanted
      ? ''
      : xAxis.scale.ticks
          .map(
            (tick) =>
              `M${formatNumber(px(tick.value))} ${formatNumber(bottom)}v${formatNumber(length(tick))}`,
          )
          .join('');
  const yTicks = yAxis.scale.ticks
    .map((tick) => `M${formatNumber(left)} ${formatNumber(py(tick.value))}h${formatNumber(-length(tick))}`)
    .join('');
  const spines = `M${formatNumber(left)} ${formatNumber(top)}V${formatNumber(bottom)}H${formatNumber(right)}`;
  return element('path', {
    d: spines + xTicks + yTicks,
    stroke: AXIS_COLOUR,
    'stroke-width': 1,
    fill: 'none',
  });
}

function drawYLabels(axis: FrameAxis, edges: Edges, py: (value: number) => number, margin: number): string {
  const ticks = axis.scale.ticks
    .filter(({ label }) => label !== '')
    .map(({ value, label }) =>
      drawText({
        text: label,
        x: edges.left - TICK_LENGTH - TICK_GAP,
        y: py(value) + baselineShift(TICK_SIZE),
        anchor: 'end',
      }),
    );
  if (axis.label) {
    ticks.push(
      drawText({
        text: truncateText(axis.label, Math.max(60, edges.bottom - edges.top + 20), { size: LABEL_SIZE }),
        x: edges.left - margin + LABEL_SIZE - 1,
        y: (edges.top + edges.bottom) / 2,
        size: LABEL_SIZE,
        anchor: 'middle',
        rotation: -90,
        colour: INK,
      }),
    );
  }
  return ticks.join('');
}

function drawXLabels(
  axis: FrameAxis,
  edges: Edges,
  px: (value: number) => number,
  { slanted, bottom }: Margins,
): string {
  const labels = labelsOf(axis);
  const y = edges.bottom + TICK_LENGTH + TICK_GAP + TICK_SIZE - 2;
  const placed = axis.scale.ticks
    .map(({ value }, index) => ({ x: px(value), text: labels[index] }))
    .filter(({ text }) => text !== '');
  const drawn = slanted
    ? placed.map(({ x, text }) => drawText({ text, x: x + 4, y: y - 2, anchor: 'end', rotation: -35 }))
    : withoutOverlap(placed).map(({ x, text }) => drawText({ text, x, y, anchor: 'middle' }));
  if (axis.label) {
    drawn.push(
      drawText({
        text: truncateText(axis.label, edges.right - edges.left + 20, { size: LABEL_SIZE }),
        x: (edges.left + edges.right) / 2,
        y: edges.bottom + bottom - 3,
        size: LABEL_SIZE,
        anchor: 'middle',
      }),
    );
  }
  return drawn.join('');
}

/** Labels from the left, each that leaves a gap to the last one kept. */
function withoutOverlap<Placed extends { x: number; text: string }>(labels: readonly Placed[]): Placed[] {
  let free = Number.NEGATIVE_INFINITY;
  return [...labels]
    .sort((a, b) => a.x - b.x)
    .filter(({ x, text }) => {
      const half = measureText(text, { size: TICK_SIZE }) / 2;
      if (x - half < free) return false;
      free = x + half + 6;
      return true;
    });
}

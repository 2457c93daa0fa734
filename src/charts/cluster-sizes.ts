import { formatCount, linearScale } from './axes.ts';
import { drawEmptyNote, drawRowLegend, drawTitle, MARGIN } from './layout.ts';
import { appearanceOf, inkOn } from './palette.ts';
import { element, group, svgDocument } from './svg.ts';
import {
  baselineShift,
  drawText,
  measureText,
  NOTE_SIZE,
  TICK_SIZE,
  truncateText,
  widestText,
} from './text.ts';

export interface ClusterSizesInput {
  readonly title?: string;
  /** One bar each. */
  readonly clusterNames: readonly string[];
  /** Parts of a bar (true classes); a single name where bars are not divided. */
  readonly partNames: readonly string[];
  /** [cluster][part] */
  readonly counts: readonly (readonly number[])[];
  /** Length of the longest bar, px. Default 340. */
  readonly width?: number;
}

const BAR = 20;
const ROW = 27;
const NAME_WIDTH = 130;

/** Sizes of clusters as bars, divided by class where there are several, numbers written into them. */
export function drawClusterSizes(input: ClusterSizesInput): string {
  const { title, clusterNames, partNames, width = 340 } = input;
  const style = { size: TICK_SIZE };
  const names = clusterNames.map((name) => truncateText(name, NAME_WIDTH, style));
  const rows = clusterNames.map((_, row) => partNames.map((__, part) => sizeOf(input.counts[row]?.[part])));
  const totals = rows.map((row) => row.reduce((sum, count) => sum + count, 0));
  const heading = drawTitle(title, { x: MARGIN, y: MARGIN, width: width + 80 });
  const left = MARGIN + widestText(names, style) + 8;
  const entries = partNames.map((name, index) => ({
    name,
    appearance: appearanceOf(index),
    mark: 'patch' as const,
  }));
  const legend = drawRowLegend(partNames.length > 1 ? entries : [], {
    x: left,
    y: MARGIN + heading.height,
    width,
  });
  const top = MARGIN + heading.height + (legend.height > 0 ? legend.height + 6 : 0);
  const height = Math.max(1, names.length) * ROW;
  const scale = linearScale([0, Math.max(1, ...totals)], { nice: false });
  const bars = rows.map((row, index) => {
    const y = top + index * ROW + (ROW - BAR) / 2;
    const baseline = y + BAR / 2 + baselineShift(TICK_SIZE);
    const name = drawText({ text: names[index], x: left - 8, y: baseline, anchor: 'end' });
    const end = left + scale.at(totals[index]) * width;
    const total = drawText({ text: formatCount(totals[index]), x: end + 6, y: baseline });
    const unit = (count: number) => scale.at(count) * width;
    return group({}, name, drawParts(row, { x: left, y, unit, numbered: partNames.length > 1 }), total);
  });
  const axis = element('path', {
    d: `M${left.toFixed(1)} ${top}v${height}`,
    stroke: '#444444',
    'stroke-width': 1,
  });
  const totalWidth = widestText(totals.map(formatCount), style);
  return svgDocument(
    {
      width: Math.max(left + width + 6 + totalWidth, heading.width + MARGIN) + MARGIN,
      height: top + height + MARGIN,
      title: title ?? 'Cluster sizes',
      description: describe(input, rows, totals),
    },
    heading.svg,
    legend.svg,
    ...bars,
    axis,
    names.length === 0 ? drawEmptyNote({ x: left, y: top, width, height }) : '',
  );
}

interface Row {
  readonly x: number;
  readonly y: number;
  /** Length of a count, px. */
  readonly unit: (count: number) => number;
  readonly numbered: boolean;
}

function drawParts(row: readonly number[], { x, y, unit, numbered }: Row): string {
  let start = x;
  const parts = row.map((count, index) => {
    const width = unit(count);
    const fill = appearanceOf(index).colour;
    const at = { x: start + width / 2, y: y + BAR / 2 + baselineShift(NOTE_SIZE) };
    start += width;
    if (count === 0) return '';
    const bar = element('rect', {
      x: at.x - width / 2,
      y,
      width,
      height: BAR,
      fill,
      stroke: '#ffffff',
      'stroke-width': 1,
    });
    const text = formatCount(count);
    const fits = numbered && measureText(text, { size: NOTE_SIZE }) + 6 <= width;
    return (
      bar + (fits ? drawText({ ...at, text, size: NOTE_SIZE, anchor: 'middle', colour: inkOn(fill) }) : '')
    );
  });
  return parts.join('');
}

function sizeOf(count: number | undefined): number {
  return count !== undefined && Number.isFinite(count) ? Math.max(0, count) : 0;
}

function describe(
  input: ClusterSizesInput,
  rows: readonly (readonly number[])[],
  totals: readonly number[],
): string {
  const parts = input.clusterNames.map((name, row) => {
    const inside = input.partNames.map((part, at) => `${part} ${rows[row][at]}`).join(', ');
    return `${name}: ${totals[row]} (${inside})`;
  });
  const bad = input.counts.flat().filter((count) => !Number.isFinite(count)).length;
  const omitted = bad > 0 ? ` ${bad} counts are not numbers and left out.` : '';
  return `Sizes of clusters. ${parts.join('; ') || 'No clusters'}.${omitted}`;
}

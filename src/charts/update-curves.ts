import { extent, formatFixed, linearScale, type Scale } from './axes.ts';
import { drawFrame, frameMargins } from './frame.ts';
import { drawEmptyNote, drawRowLegend, drawTitle, MARGIN } from './layout.ts';
import { linePath } from './lines.ts';
import { drawMarkers } from './markers.ts';
import { appearanceOf } from './palette.ts';
import { element, svgDocument } from './svg.ts';
import { drawText, LABEL_SIZE, TICK_SIZE } from './text.ts';

export interface UpdateCurvesInput {
  readonly title?: string;
  /** Iteration (or number) of each update, ascending. */
  readonly updates: ArrayLike<number>;
  /** One panel each: ACC, NMI, ARI; a value for each update and series, NaN where there is none. */
  readonly panels: readonly {
    readonly name: string;
    /** Splits, in the same order in every panel. */
    readonly series: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
  }[];
  /** Default 'iteration'. */
  readonly xLabel?: string;
  /** Least and greatest value of all panels, widened where values lie outside. Default: as the values lie. */
  readonly yRange?: readonly [number, number];
  /** Inner size of one panel, px. Default 200 × 190. */
  readonly width?: number;
  readonly height?: number;
}

/** Up to this many updates each gets a marker. */
const MOST_MARKED = 25;
const PANEL_GAP = 14;

/** Metrics at every update of a finetuning, one panel a metric with a common axis, one line a split. */
export function drawUpdateCurves(input: UpdateCurvesInput): string {
  const { title, panels, xLabel = 'iteration', width = 200, height = 190 } = input;
  const count = Math.max(1, panels.length);
  const scales = { x: updateScale(input), y: metricScale(input) };
  const heading = drawTitle(title, { x: MARGIN, y: MARGIN, width: count * width });
  const names = splitNames(input);
  const legendEntries = names.map((name, index) => ({
    name,
    appearance: appearanceOf(index),
    mark: isMarked(input) ? ('line-and-marker' as const) : ('line' as const),
  }));
  const left =
    MARGIN +
    frameMargins({ x: 0, y: 0, width, height, xAxis: { scale: scales.x }, yAxis: { scale: scales.y } }).left;
  const legend = drawRowLegend(legendEntries, { x: left, y: MARGIN + heading.height, width: count * width });
  const top = MARGIN + heading.height + legend.height + LABEL_SIZE + 8;
  let x = MARGIN;
  let bottom = top;
  const drawn = Array.from({ length: count }, (_, index) => {
    const frame = drawFrame({
      x,
      y: top,
      width,
      height,
      xAxis: { scale: scales.x, label: xLabel },
      yAxis: { scale: scales.y, bare: index > 0 },
    });
    x += frame.outerWidth + PANEL_GAP;
    bottom = top + frame.outerHeight;
    const panel = panels[index];
    if (!panel) return frame.svg + drawEmptyNote({ x: frame.left, y: frame.top, width, height });
    const name = drawText({
      text: panel.name,
      x: frame.left + width / 2,
      y: frame.top - 8,
      size: LABEL_SIZE,
      anchor: 'middle',
      bold: true,
    });
    const lines = panel.series.map(({ values }, series) => {
      const points = Array.from(input.updates, (update, at) => {
        const value = at < values.length ? values[at] : Number.NaN;
        return [frame.px(update), Number.isFinite(value) ? frame.py(value) : Number.NaN] as const;
      });
      return drawLine(points, names.indexOf(panel.series[series].name), isMarked(input));
    });
    return frame.svg + name + lines.join('');
  });
  return svgDocument(
    {
      width: Math.max(x - PANEL_GAP, heading.width + MARGIN) + MARGIN,
      height: bottom + MARGIN,
      title: title ?? 'Metrics at each update',
      description: describe(input),
    },
    heading.svg,
    legend.svg,
    ...drawn,
  );
}

function drawLine(points: readonly (readonly [number, number])[], index: number, marked: boolean): string {
  const { colour, shape, dash } = appearanceOf(index);
  const line = element('path', {
    d: linePath(points),
    fill: 'none',
    stroke: colour,
    'stroke-width': 1.5,
    'stroke-dasharray': dash,
    'stroke-linejoin': 'round',
    'stroke-linecap': dash ? undefined : 'round',
  });
  const finite = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  return line + (marked ? drawMarkers(finite, { shape, colour, radius: 2.8 }) : '');
}

function splitNames({ panels }: UpdateCurvesInput): string[] {
  return [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
}

function isMarked({ updates }: UpdateCurvesInput): boolean {
  return updates.length <= MOST_MARKED;
}

function updateScale({ updates, width = 200 }: UpdateCurvesInput): Scale {
  return linearScale(extent(Array.from(updates)), {
    nice: false,
    count: Math.floor(width / (4 * TICK_SIZE)),
  });
}

function metricScale({ panels, yRange }: UpdateCurvesInput): Scale {
  const values = panels.flatMap(({ series }) => series.flatMap((one) => Array.from(one.values)));
  return linearScale(extent([...(yRange ?? []), ...values]));
}

function describe({ panels, updates }: UpdateCurvesInput): string {
  const parts = panels.map(({ name, series }) => {
    const last = series.map((one) => {
      const finite = Array.from(one.values).filter(Number.isFinite);
      const missing = Math.max(0, updates.length - finite.length);
      const omitted = missing > 0 ? ` (${missing} values missing)` : '';
      return `${one.name} ends at ${formatFixed(finite[finite.length - 1] ?? Number.NaN, 3)}${omitted}`;
    });
    return `${name}: ${last.join(', ') || 'none'}`;
  });
  return `Metrics at ${updates.length} updates. ${parts.join('; ') || 'No metrics'}.`;
}

import { extent, formatCount, formatQuantity, linearScale, logScale, type Scale } from './axes.ts';
import { drawFrame, type Frame, frameMargins } from './frame.ts';
import { drawEmptyNote, drawRowLegend, drawTitle, MARGIN } from './layout.ts';
import { linePath } from './lines.ts';
import { drawMarkers } from './markers.ts';
import { appearanceOf } from './palette.ts';
import { element, formatNumber, svgDocument } from './svg.ts';
import { drawText, measureText, TICK_SIZE } from './text.ts';

export interface LossCurvesInput {
  readonly title?: string;
  /** Train first, validation second: `values[e]` is the loss after epoch e + 1. */
  readonly series: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
  /** 1-based epoch whose weights were kept, marked on the last series. */
  readonly bestEpoch?: number;
  /** Default 'epoch'. */
  readonly xLabel?: string;
  /** Default 'MSE'. */
  readonly yLabel?: string;
  /** Default 'log'; without any positive value the axis is linear. */
  readonly yScale?: 'log' | 'linear';
  /** Inner size of the plot, px. Default 440 × 250. */
  readonly width?: number;
  readonly height?: number;
}

/** Loss by epoch, one line a series, the best epoch marked (Figure 3.4). */
export function drawLossCurves(input: LossCurvesInput): string {
  const { series, title, xLabel = 'epoch', yLabel = 'MSE', width = 440, height = 250 } = input;
  const yScale = lossScale(input);
  const epochs = Math.max(1, ...series.map(({ values }) => values.length));
  const heading = drawTitle(title, { x: MARGIN, y: MARGIN, width: width + 50 });
  const entries = series.map(({ name }, index) => ({
    name,
    appearance: appearanceOf(index),
    mark: 'line' as const,
  }));
  const frameAt = { x: MARGIN, width, height };
  const axes = {
    xAxis: { scale: epochScale(epochs), label: xLabel },
    yAxis: { scale: yScale, label: yLabel },
  };
  const legend = drawRowLegend(entries, {
    x: MARGIN + frameMargins({ ...frameAt, ...axes, y: 0 }).left,
    y: MARGIN + heading.height,
    width,
  });
  const frame = drawFrame({ ...frameAt, ...axes, y: MARGIN + heading.height + legend.height + 4 });
  const lines = series.map(({ values }, index) => {
    const shown = Array.from(values, (value) => (isShown(value, yScale) ? frame.py(value) : Number.NaN));
    const { colour, dash } = appearanceOf(index);
    return element('path', {
      d: linePath(shown.map((y, epoch) => [frame.px(epoch + 1), y])),
      fill: 'none',
      stroke: colour,
      'stroke-width': 1.6,
      'stroke-dasharray': dash,
      'stroke-linejoin': 'round',
      'stroke-linecap': dash ? 'butt' : 'round',
    });
  });
  const box = { x: frame.left, y: frame.top, width, height };
  const nothing = countShown(input, yScale) === 0;
  return svgDocument(
    {
      width: Math.max(frame.outerWidth, heading.width) + 2 * MARGIN,
      height: frame.top - TICK_SIZE / 2 + frame.outerHeight + MARGIN,
      title: title ?? 'Loss by epoch',
      description: describe(input, yScale),
    },
    heading.svg,
    legend.svg,
    frame.svg,
    ...lines,
    nothing ? drawEmptyNote(box) : markBest(input, frame, yScale),
  );
}

function lossScale({ series, yScale = 'log' }: LossCurvesInput): Scale {
  const values = series.flatMap((one) => Array.from(one.values));
  const positive = extent(values.filter((value) => value > 0));
  return yScale === 'log' && positive ? logScale(positive) : linearScale(extent(values));
}

/** From the first to the last epoch exactly, ticks at whole epochs. */
function epochScale(epochs: number): Scale {
  const scale = linearScale(epochs === 1 ? [0, 2] : [1, epochs], { nice: false, count: Math.min(6, epochs) });
  return { ...scale, ticks: scale.ticks.filter(({ value }) => Number.isInteger(value)) };
}

function isShown(value: number, scale: Scale): boolean {
  return Number.isFinite(value) && (scale.kind !== 'log' || value > 0);
}

function countShown({ series }: LossCurvesInput, scale: Scale): number {
  return series.reduce(
    (sum, { values }) => sum + Array.from(values).filter((value) => isShown(value, scale)).length,
    0,
  );
}

/** A dotted line at the best epoch, a marker on the last series, and both numbers beside. */
function markBest({ series, bestEpoch }: LossCurvesInput, frame: Frame, scale: Scale): string {
  const last = series[series.length - 1];
  if (bestEpoch === undefined || bestEpoch < 1 || bestEpoch > last.values.length) return '';
  const value = last.values[bestEpoch - 1];
  const x = frame.px(bestEpoch);
  const text = `best epoch ${formatCount(bestEpoch)}${isShown(value, scale) ? `: ${formatQuantity(value)}` : ''}`;
  const toLeft = x - frame.left > measureText(text, { size: TICK_SIZE }) + 12;
  const line = element('path', {
    d: `M${formatNumber(x, 1)} ${formatNumber(frame.top, 1)}V${formatNumber(frame.bottom, 1)}`,
    stroke: '#777777',
    'stroke-width': 1,
    'stroke-dasharray': '1.5 2.5',
  });
  const { colour, shape } = appearanceOf(series.length - 1);
  const marker = isShown(value, scale)
    ? drawMarkers([[x, frame.py(value)]], { shape, colour, radius: 4, hollow: true })
    : '';
  const label = drawText({
    text,
    x: x + (toLeft ? -6 : 6),
    y: frame.top + TICK_SIZE,
    anchor: toLeft ? 'end' : 'start',
    halo: true,
  });
  return line + marker + label;
}

function describe(input: LossCurvesInput, scale: Scale): string {
  const parts = input.series.map(({ name, values }) => {
    const shown = Array.from(values).filter((value) => isShown(value, scale));
    const range = extent(shown);
    const missing = values.length - shown.length;
    const least = range ? `, least ${formatQuantity(range[0])}` : '';
    return `${name}: ${shown.length} epochs${least}${missing > 0 ? `, ${missing} values not drawn` : ''}`;
  });
  const best = input.bestEpoch === undefined ? '' : ` Best epoch ${input.bestEpoch}.`;
  return `Loss by epoch on a ${scale.kind} scale. ${parts.join('; ') || 'No series'}.${best}`;
}

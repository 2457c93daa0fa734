import {
  categoryScale,
  extent,
  formatFixed,
  formatValue,
  linearScale,
  logScale,
  type Scale,
} from './axes.ts';
import { drawFrame, type Frame, frameMargins } from './frame.ts';
import { drawEmptyNote, drawRowLegend, drawTitle, MARGIN } from './layout.ts';
import { linePath } from './lines.ts';
import { drawMarkers } from './markers.ts';
import { appearanceOf } from './palette.ts';
import { element, formatNumber, group, svgDocument } from './svg.ts';
import { drawText, MUTED, NOTE_SIZE, TICK_SIZE } from './text.ts';

/** One place on the axis: a value for each repetition, from which mean and standard deviation come. */
export interface AccuracyPoint {
  /** A number on a numeric axis; on one of categories, a name. */
  readonly x: number | string;
  readonly values: readonly number[];
}

export interface AccuracySeries {
  /** 'DCEC, γ = 0.1' */
  readonly name: string;
  readonly points: readonly AccuracyPoint[];
  /** Numbers from elsewhere (a publication): hollow marks, thin line. */
  readonly reference?: boolean;
}

export interface AccuracyLinesInput {
  readonly title?: string;
  readonly series: readonly AccuracySeries[];
  /** 'embedding dimension d' */
  readonly xLabel: string;
  /** 'ACC (test)' */
  readonly yLabel: string;
  /** Default: 'category' as soon as one x is not a number, else 'linear'. */
  readonly xScale?: 'linear' | 'log' | 'category';
  /** What a repetition is. Default 'seeds'. */
  readonly repetitions?: string;
  /** Inner size of the plot, px. Default 420 × 260. */
  readonly width?: number;
  readonly height?: number;
}

/** Mean, sample standard deviation (n − 1; 0 for one value) and number of the finite values. */
interface Summary {
  readonly x: number;
  readonly values: readonly number[];
  readonly mean: number;
  readonly sd: number;
}

/** Up to this many places on the axis each get their own tick. */
const MOST_OWN_TICKS = 10;
const DODGE = 11;
/** Single values stand this far right of their error bar, px. */
const SINGLE_SHIFT = 4.5;
const CAP = 3;

/**
 * A metric against a parameter, one line a series: mean with ± one standard deviation over repetitions and
 * the single values as dots (Figures 3.9, 3.10). Series stand side by side at each place by fixed offsets.
 */
export function drawAccuracyLines(input: AccuracyLinesInput): string {
  const { title, width = 420, height = 260 } = input;
  const names = categoryNames(input);
  const connected =
    names === null || input.series.every(({ points }) => points.every(({ x }) => typeof x === 'number'));
  const series = input.series.map((one) => ({ ...one, summaries: summarise(one.points, names) }));
  const summaries = series.flatMap((one) => one.summaries);
  const xScale = names ? categoryScale(names) : numericScale(summaries, input.xScale === 'log');
  const reach = summaries.flatMap(({ mean, sd, values }) => [mean - sd, mean + sd, ...values]);
  const yScale = linearScale(extent(reach));
  const heading = drawTitle(title, { x: MARGIN, y: MARGIN, width: width + 50 });
  const axes = {
    x: MARGIN,
    width,
    height,
    xAxis: { scale: xScale, label: input.xLabel },
    yAxis: { scale: yScale, label: input.yLabel },
  };
  const legend = drawRowLegend(
    series.map(({ name, reference }, index) => ({
      name,
      appearance: appearanceOf(index),
      mark: connected ? ('line-and-marker' as const) : ('marker' as const),
      hollow: reference,
    })),
    { x: MARGIN + frameMargins({ ...axes, y: 0 }).left, y: MARGIN + heading.height, width },
  );
  const note = repetitionNote(input, summaries);
  const noteHeight = note ? NOTE_SIZE + 6 : 0;
  const frame = drawFrame({ ...axes, y: MARGIN + heading.height + legend.height + 4 });
  const offsets = dodgeOffsets(series.length, summaries, frame);
  const bottom = frame.top - TICK_SIZE / 2 + frame.outerHeight;
  return svgDocument(
    {
      width: Math.max(frame.outerWidth, heading.width) + 2 * MARGIN,
      height: bottom + noteHeight + MARGIN,
      title: title ?? `${input.yLabel} against ${input.xLabel}`,
      description: describe(input, names, summaries.length),
    },
    heading.svg,
    legend.svg,
    frame.svg,
    ...series.map((one, index) => drawSeries(one, { frame, index, offset: offsets[index], connected })),
    note
      ? drawText({
          text: note,
          x: frame.right,
          y: bottom + noteHeight - 2,
          size: NOTE_SIZE,
          anchor: 'end',
          colour: MUTED,
        })
      : '',
    summaries.length === 0 ? drawEmptyNote({ x: frame.left, y: frame.top, width, height }) : '',
  );
}

/** Names in the order of appearance, or null for a numeric axis. */
function categoryNames({ series, xScale }: AccuracyLinesInput): string[] | null {
  const places = series.flatMap(({ points }) => points.map(({ x }) => x));
  const numeric = places.every((x) => typeof x === 'number');
  if (xScale !== 'category' && numeric) return null;
  if (numeric) return [...new Set(places as number[])].sort((a, b) => a - b).map(formatValue);
  return [...new Set(places.map((x) => (typeof x === 'number' ? formatValue(x) : x)))];
}

function summarise(points: readonly AccuracyPoint[], names: string[] | null): Summary[] {
  const place = (x: number | string) =>
    names ? names.indexOf(typeof x === 'number' ? formatValue(x) : x) : (x as number);
  return points
    .map(({ x, values }) => ({ x: place(x), values: values.filter(Number.isFinite) }))
    .filter(({ x, values }) => Number.isFinite(x) && values.length > 0)
    .map(({ x, values }) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
      return { x, values, mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
    })
    .sort((a, b) => a.x - b.x);
}

/** Ticks at the values themselves where they are few; some room at both ends for the offsets. */
function numericScale(summaries: readonly Summary[], log: boolean): Scale {
  const places = [...new Set(summaries.map(({ x }) => x))].sort((a, b) => a - b);
  const range = extent(places);
  const values = places.length > 0 && places.length <= MOST_OWN_TICKS ? places : undefined;
  if (log && range && range[0] > 0) return logScale(range, { values, padding: 0.08 });
  const padding = range ? (range[1] - range[0]) * 0.08 : 0;
  return linearScale(range && [range[0] - padding, range[1] + padding], { nice: false, values });
}

/** Equal steps about 0, px, narrow enough that neighbouring places stay apart. */
function dodgeOffsets(count: number, summaries: readonly Summary[], frame: Frame): number[] {
  const places = [...new Set(summaries.map(({ x }) => frame.px(x)))].sort((a, b) => a - b);
  const gaps = places.slice(1).map((place, index) => place - places[index]);
  const step = Math.min(DODGE, (0.7 * Math.min(100, ...gaps)) / Math.max(1, count));
  return Array.from({ length: count }, (_, index) => (index - (count - 1) / 2) * step);
}

interface Placement {
  readonly frame: Frame;
  readonly index: number;
  readonly offset: number;
  /** A line through unordered names would show a course that is none. */
  readonly connected: boolean;
}

function drawSeries(
  { summaries, reference }: { summaries: readonly Summary[]; reference?: boolean },
  { frame, index, offset, connected }: Placement,
): string {
  const { colour, shape, dash } = appearanceOf(index);
  const at = ({ x, mean }: Summary) => [frame.px(x) + offset, frame.py(mean)] as const;
  const bars = summaries
    .filter(({ sd }) => sd > 0)
    .map(({ x, mean, sd }) => errorBar(frame.px(x) + offset, frame.py(mean + sd), frame.py(mean - sd)))
    .join('');
  const singles = summaries
    .filter(({ values }) => values.length > 1)
    .flatMap(({ x, values }) =>
      values.map((value) => [frame.px(x) + offset + SINGLE_SHIFT, frame.py(value)] as const),
    );
  return group(
    {},
    connected
      ? element('path', {
          d: linePath(summaries.map(at)),
          fill: 'none',
          stroke: colour,
          'stroke-width': reference ? 1 : 1.6,
          'stroke-dasharray': dash,
          'stroke-linejoin': 'round',
        })
      : '',
    bars === '' ? '' : element('path', { d: bars, fill: 'none', stroke: colour, 'stroke-width': 1.2 }),
    drawMarkers(summaries.map(at), { shape, colour, radius: 4, hollow: reference }),
    drawMarkers(singles, { shape: 'circle', colour, radius: 1.4, opacity: 0.7 }),
  );
}

function errorBar(x: number, top: number, bottom: number): string {
  const n = (value: number) => formatNumber(value, 1);
  const cap = (y: number) => `M${n(x - CAP)} ${n(y)}h${2 * CAP}`;
  return `M${n(x)} ${n(top)}V${n(bottom)}${cap(top)}${cap(bottom)}`;
}

/** What the bars mean, and over how many repetitions; null where nothing was repeated. */
function repetitionNote(
  { repetitions = 'seeds' }: AccuracyLinesInput,
  summaries: readonly Summary[],
): string | null {
  const counts = extent(summaries.map(({ values }) => values.length).filter((count) => count > 1));
  if (!counts) return null;
  const n = counts[0] === counts[1] ? `${counts[0]}` : `${counts[0]}–${counts[1]}`;
  return `mean ± sd, n = ${n} ${repetitions}; dots: single ${repetitions}`;
}

function describe(input: AccuracyLinesInput, names: string[] | null, shown: number): string {
  const parts = input.series.map(({ name, points }) => {
    const means = summarise(points, names).map(({ x, mean, sd, values }) => {
      const place = names ? names[x] : formatValue(x);
      return `${place}: ${formatFixed(mean, 3)} ± ${formatFixed(sd, 3)} (n = ${values.length})`;
    });
    return `${name}: ${means.join(', ') || 'no values'}`;
  });
  const all = input.series.flatMap(({ points }) => points);
  const bad = all.flatMap(({ values }) => values).filter((value) => !Number.isFinite(value)).length;
  const left = all.length - shown;
  const omitted =
    bad + left > 0 ? ` Left out: ${bad} values that are not numbers, ${left} places without any.` : '';
  return `${input.yLabel} against ${input.xLabel}. ${parts.join('; ') || 'No series'}.${omitted}`;
}

import { type AccuracySeries, drawAccuracyLines } from '../../charts/accuracy-lines.ts';
import { fail } from '../../core/failure.ts';
import { groupEntries } from './group-entries.ts';
import { axesOf, type Entry, pointText, valueText } from './read-entries.ts';
import { columnTitle } from './write-tables.ts';

export interface AxisRequest {
  readonly axis: string;
  /** Full name of the metric to draw. */
  readonly column: string;
  /** Axes whose points are repetitions. */
  readonly averaged: readonly string[];
}

/**
 * A metric against one axis of the sweep, a line for each input and each value of other axes.
 * @throws ExpectedFailure bad-parameter where no entry lies on the axis.
 */
export function drawAgainstAxis(entries: readonly Entry[], { axis, column, averaged }: AxisRequest): string {
  const onAxis = entries.filter(({ point, values }) => point[axis] !== undefined && values.has(column));
  if (onAxis.length === 0)
    fail(
      'bad-parameter',
      `axis: no point lies on '${axis}'; the inputs depend on ${axesOf(entries).join(', ') || 'no axis'}`,
    );
  const repetitions = averaged.length > 0 ? `${averaged.join(', ')}s` : undefined;
  return drawAccuracyLines({
    series: groupEntries(onAxis, [axis, ...averaged]).map(
      ({ input, point, entries: members }): AccuracySeries => {
        const rest = pointText(point, Object.keys(point));
        return {
          name: rest === '' ? input : `${input}, ${rest.replaceAll(',', ', ')}`,
          points: groupEntries(members, averaged).map((place) => ({
            x: axisValue(place.point[axis]),
            values: place.entries.map(({ values }) => values.get(column)!),
          })),
        };
      },
    ),
    xLabel: axis,
    yLabel: columnTitle(column),
    ...(repetitions ? { repetitions } : {}),
  });
}

function axisValue(value: Entry['point'][string]): number | string {
  return typeof value === 'number' ? value : valueText(value);
}

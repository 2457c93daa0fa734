import { formatNumber } from './svg.ts';

/**
 * Path data through the points that are finite; a gap in the data is a gap in the line, and a point
 * alone between gaps is a dot (with round caps).
 * @param points px, NaN where there is no value.
 */
export function linePath(points: readonly (readonly [number, number])[]): string {
  let d = '';
  let drawing = false;
  points.forEach(([x, y], index) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      drawing = false;
      return;
    }
    const place = `${formatNumber(x, 1)} ${formatNumber(y, 1)}`;
    d += drawing ? `L${place}` : `M${place}`;
    const next = points[index + 1];
    const alone = !drawing && !(next && Number.isFinite(next[0]) && Number.isFinite(next[1]));
    if (alone) d += 'h0';
    drawing = true;
  });
  return d;
}

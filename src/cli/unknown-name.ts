import { suggest } from '../core/suggest.ts';
import { UsageError } from './usage-error.ts';

/** `no axis 'sed'; did you mean 'seed'?`, or what there is. @param what the beginning: `no axis`. */
export function unknownName(what: string, written: string, known: readonly string[]): UsageError {
  const hint = suggest(written, known, 'there are');
  return new UsageError(`${what} '${written}'; ${hint ?? 'there are none'}`);
}

const SHOWN_POINTS = 20;

/**
 * Which step may have been meant: the nearest name, or the points of the step that is named. Another value is no
 * slip of the pen, so no one point is proposed. Undefined where there are no steps.
 */
export function stepHint(written: string, stepIds: readonly string[]): string | undefined {
  const keyOf = (id: string) => id.split('@')[0];
  const points = stepIds.filter((id) => keyOf(id) === keyOf(written));
  if (points.length === 0) return suggest(keyOf(written), [...new Set(stepIds.map(keyOf))], 'its steps are');
  const shown = points.slice(0, SHOWN_POINTS).join(', ');
  return `of ${keyOf(written)} there are: ${shown}${points.length > SHOWN_POINTS ? ', …' : ''}`;
}

import type { Bounds } from '../core/expectation.ts';

/** Does the number hold all bounds? Golden values that were not written yet hold nothing. */
export function holds(value: number, bounds: Bounds): boolean {
  const { atLeast, atMost, between, within, withinSd, of, sd } = bounds;
  if (!Number.isFinite(value)) return false;
  if (atLeast !== undefined && value < atLeast) return false;
  if (atMost !== undefined && value > atMost) return false;
  if (between && (value < between[0] || value > between[1])) return false;
  if (of === undefined) return true;
  if (of === null) return false;
  const distance = Math.abs(value - of);
  if (within !== undefined && distance > within) return false;
  return withinSd === undefined || (typeof sd === 'number' && distance <= withinSd * sd);
}

/** `at least 0.6 and within 0.02 of 0.65`. */
export function boundsText(bounds: Bounds): string {
  const { atLeast, atMost, between, within, withinSd, of, sd } = bounds;
  const golden = of === null ? 'a golden value that is not written yet' : String(of);
  const parts = [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
    ...(between === undefined
      ? []
      : [between[0] === between[1] ? String(between[0]) : `between ${between[0]} and ${between[1]}`]),
    ...(within === undefined ? [] : [`within ${within} of ${golden}`]),
    ...(withinSd === undefined ? [] : [`within ${withinSd} sd (${sd ?? 'not written yet'}) of ${golden}`]),
  ];
  return parts.join(' and ');
}

/** How far outside: what a person wants to know of a value that misses its golden one. */
export function missText(value: number, { of }: Bounds): string {
  return typeof of === 'number' ? `${value} (${signed(value - of)})` : String(value);
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Number(Math.abs(value).toPrecision(3))}`;
}

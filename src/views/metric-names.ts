import { byCodeUnit } from '../core/json.ts';

/** `accLow`, `accHigh`: an end of an interval, shown behind what it bounds or not at all. */
export const isIntervalBound = (metric: string) => /(High|Low)$/.test(metric);

/** Each full name once: of test first, then of validation, bounds of intervals last, then by name. */
export function sortMetrics(names: Iterable<string>): string[] {
  const rank = (name: string) =>
    (/\.test\./.test(name) ? 0 : /\.val\./.test(name) ? 1 : 2) + (isIntervalBound(name) ? 3 : 0);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || byCodeUnit(a, b));
}

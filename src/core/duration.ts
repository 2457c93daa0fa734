const UNITS_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** How a duration is written, largest unit first: `2h`, `1h 30m`, `0.5s`. */
export const DURATION_PATTERN = '^ *(\\d+(\\.\\d+)? *(ms|s|m|h|d) *)+$';

/** Milliseconds of a duration such as `1h 30m`; null for anything else, zero included. */
export function parseDuration(text: string): number | null {
  if (!new RegExp(DURATION_PATTERN).test(text)) return null;
  let totalMs = 0;
  let before = Number.POSITIVE_INFINITY;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?) *(ms|s|m|h|d)/g)) {
    if (UNITS_MS[unit] >= before) return null; // `5m 2h`, `1h 1h`: a slip
    before = UNITS_MS[unit];
    totalMs += Number(number) * UNITS_MS[unit];
  }
  return totalMs >= 1 ? Math.round(totalMs) : null;
}

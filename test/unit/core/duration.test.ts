import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/core/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['45m', 2_700_000],
    ['2h', 7_200_000],
    ['1h 30m', 5_400_000],
    ['1h30m', 5_400_000],
    ['0.5s', 500],
    ['250ms', 250],
    ['1d', 86_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', '5 minutes', '-5m', '0s', '5m 2h', '1h 1h', 'h', '1e3s', '1.s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBe(null);
  });
});

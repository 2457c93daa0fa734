import type { Spread } from '../../core/spread.ts';
import { formatNumber } from '../format.ts';

/**
 * `0.722 ± 0.056`: the deviation with two significant digits, and the mean as far as that reaches; a
 * deviation that is nothing beside the mean reads `± 0`. One value alone has four significant digits.
 */
export function meanText({ mean, sd }: Spread): string {
  if (sd === null || !Number.isFinite(mean)) return formatNumber(mean);
  if (sd <= Math.abs(mean) * 1e-9) return `${formatNumber(mean)} ± 0`;
  const place = Math.floor(Math.log10(sd)); // of its first digit
  const decimals = Math.max(0, 1 - place);
  if (decimals > 8 || Math.abs(mean) >= 1e7) return `${formatNumber(mean)} ± ${formatNumber(sd)}`;
  return `${mean.toFixed(decimals)} ± ${sd.toFixed(decimals)}`;
}

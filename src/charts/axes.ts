import { log10, pow } from '../core/pinned-math.ts';

export interface Tick {
  readonly value: number;
  /** Empty for a minor tick. */
  readonly label: string;
}

/** Maps values of a domain onto 0 … 1. */
export interface Scale {
  readonly kind: 'linear' | 'log' | 'category';
  readonly domain: readonly [number, number];
  readonly ticks: readonly Tick[];
  at(value: number): number;
}

export interface ScaleOptions {
  /** Wish for the number of labelled ticks. Default 5. */
  readonly count?: number;
  /** Widen the domain to whole ticks. Default true. */
  readonly nice?: boolean;
  /** These ticks and no others. */
  readonly values?: readonly number[];
  /** Of a log scale: free room at both ends, as a share of the range. Default 0.04. */
  readonly padding?: number;
}

/** Least and greatest finite value, or null where there is none. */
export function extent(values: Iterable<number>): readonly [number, number] | null {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return least <= greatest ? [least, greatest] : null;
}

/** @param range of the data; null gives 0 … 1, a single value is put in the middle. */
export function linearScale(range: readonly [number, number] | null, options: ScaleOptions = {}): Scale {
  const { count = 5, nice = true, values } = options;
  let [low, high] = widen(range ?? [0, 1]);
  const step = niceStep((high - low) / count);
  if (nice) {
    low = Math.floor(low / step + 1e-9) * step;
    high = Math.ceil(high / step - 1e-9) * step;
  }
  const ticks = values
    ? values.map((value) => ({ value, label: formatValue(value) }))
    : stepsBetween(low, high, step).map((value) => ({ value, label: formatTick(value, step) }));
  return { kind: 'linear', domain: [low, high], ticks, at: (value) => (value - low) / (high - low) };
}

/**
 * A base-10 scale over positive data. Labels stand at powers of ten; where
 * fewer than three fall into the domain, at 1, 2 and 5 times them; where still too few, at equal steps.
 * @param range positive; null gives 0.1 … 1.
 */
export function logScale(range: readonly [number, number] | null, options: ScaleOptions = {}): Scale {
  const [least, greatest] = range ?? [0.1, 1];
  const equal = greatest / least < 1.000001;
  const bottom = log10(least) - (equal ? 0.3 : 0);
  const top = log10(greatest) + (equal ? 0.3 : 0);
  const padding = (top - bottom) * (options.padding ?? 0.04);
  const [low, high] = [bottom - padding, top + padding];
  const domain = [pow(10, low), pow(10, high)] as const;
  const at = (value: number) => (log10(value) - low) / (high - low);
  if (options.values) {
    return {
      kind: 'log',
      domain,
      at,
      ticks: options.values.map((value) => ({ value, label: formatValue(value) })),
    };
  }
  const major = logTicks(domain, options.count ?? 6);
  const labelled = new Set(major.map(({ value }) => value));
  const minor = multiplesOfPowers(domain, [1, 2, 3, 4, 5, 6, 7, 8, 9])
    .filter((value) => !labelled.has(value))
    .map((value) => ({ value, label: '' }));
  return { kind: 'log', domain, at, ticks: high - low > 12 ? major : [...major, ...minor] };
}

/** Names at 0, 1, 2 …, each in the middle of its slot. */
export function categoryScale(names: readonly string[]): Scale {
  const count = Math.max(1, names.length);
  return {
    kind: 'category',
    domain: [-0.5, count - 0.5],
    ticks: names.map((label, value) => ({ value, label })),
    at: (value) => (value + 0.5) / count,
  };
}

/** A number alone: as short as it can be written, thousands by commas, a real minus sign. */
export function formatValue(value: number): string {
  if (value === 0) return '0';
  const exponent = decimalExponent(value);
  if (exponent < -4 || exponent > 6) return scientific(value, 2);
  return withSigns(String(Number(value.toPrecision(6))));
}

/** `decimals` places, thousands by commas, a real minus sign; '–' for what is not a number. */
export function formatFixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? withSigns(value.toFixed(decimals)) : '–';
}

/** A count with commas at the thousands. */
export function formatCount(count: number): string {
  return withSigns(String(Math.round(count)));
}

/** A measured quantity at `digits` significant digits: 0.0024, 1.3×10⁻⁶; '–' for what is not a number. */
export function formatQuantity(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(digits));
  const exponent = decimalExponent(rounded);
  if (exponent < -5 || exponent > 6) return scientific(rounded, digits - 1);
  return withSigns(rounded.toFixed(Math.max(0, digits - 1 - exponent)));
}

/**
 * A way to write several quantities with equally many decimals, enough for two significant digits of the
 * least; quantities that would need more than six are written one by one.
 */
export function alignedQuantities(values: readonly number[]): (value: number) => string {
  const range = extent(values.filter((value) => value !== 0).map(Math.abs));
  if (!range) return (value) => formatFixed(value, 1);
  const decimals = 1 - decimalExponent(Number(range[0].toPrecision(2)));
  if (decimals > 6 || range[1] >= 1e6) return (value) => formatQuantity(value);
  return (value) => formatFixed(value, Math.max(0, decimals));
}

/** The nearest, by ratio, of 1, 2, 5 × 10^k. */
export function niceStep(rough: number): number {
  const power = Number(`1e${decimalExponent(rough)}`);
  // Between neighbours decides their geometric mean: √2, √10, √50.
  const square = (rough / power) * (rough / power);
  return (square < 2 ? 1 : square < 10 ? 2 : square < 50 ? 5 : 10) * power;
}

/** A range without extent gets some about its value. */
function widen([low, high]: readonly [number, number]): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  // Below 1e-290 steps would run out of digits: as good as zero.
  if (size < 1e-290) return [-0.5, 0.5];
  if (high - low > size * 1e-12) return [low, high];
  const half = size * 0.1;
  return [low - half, high + half];
}

function stepsBetween(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step);
}

function logTicks(domain: readonly [number, number], count: number): Tick[] {
  const powers = multiplesOfPowers(domain, [1]);
  if (powers.length >= 3) {
    const every = Math.ceil(powers.length / (count + 2));
    return powers
      .filter((_, index) => index % every === 0)
      .map((value) => ({ value, label: formatValue(value) }));
  }
  const finer = multiplesOfPowers(domain, [1, 2, 5]);
  if (finer.length >= 3) return finer.map((value) => ({ value, label: formatValue(value) }));
  const step = niceStep((domain[1] - domain[0]) / 5);
  return stepsBetween(domain[0], domain[1], step).map((value) => ({ value, label: formatTick(value, step) }));
}

/** All `factor` × 10^k inside the domain, ascending, each the nearest double to its decimal. */
function multiplesOfPowers([low, high]: readonly [number, number], factors: readonly number[]): number[] {
  const values: number[] = [];
  for (let exponent = decimalExponent(low); exponent <= decimalExponent(high); exponent++) {
    for (const factor of factors) {
      const value = Number(`${factor}e${exponent}`);
      if (value >= low && value <= high) values.push(value);
    }
  }
  return values;
}

/** As many decimals as the step needs, so that labels of one axis align. */
function formatTick(value: number, step: number): string {
  const exponent = decimalExponent(step);
  if (Math.abs(value) < step * 1e-6) return '0';
  if (exponent < -5 || exponent > 5) return scientific(value, Math.max(0, decimalExponent(value) - exponent));
  return withSigns(value.toFixed(Math.max(0, -exponent)));
}

/** k of the number written as m × 10^k with 1 ≤ |m| < 10; 0 for zero. */
function decimalExponent(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

function scientific(value: number, decimals: number): string {
  const [mantissa, exponent] = value.toExponential(Math.min(10, decimals)).split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  const raised = [...String(Number(exponent))]
    .map((digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]))
    .join('');
  if (short === '1') return `10${raised}`;
  return `${short.replace('-', '−')}×10${raised}`;
}

function withSigns(digits: string): string {
  const [whole, fraction] = digits.replace('-', '').split('.');
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  const zero = Number(digits) === 0;
  return `${digits.startsWith('-') && !zero ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

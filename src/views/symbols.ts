/** Marks that differ in shape, so that colour is never the only one; ASCII where Unicode may not be shown. */
export interface Symbols {
  readonly running: string;
  readonly finished: string;
  readonly reused: string;
  readonly failed: string;
  readonly skipped: string;
  readonly planned: string;
  readonly barFull: string;
  readonly barEmpty: string;
  readonly spark: readonly string[];
  readonly dot: string;
}

const UNICODE: Symbols = {
  running: '▶',
  finished: '✔',
  reused: '=',
  failed: '✘',
  skipped: '-',
  planned: '·',
  barFull: '█',
  barEmpty: '░',
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  dot: '·',
};
const ASCII: Symbols = {
  running: '>',
  finished: '+',
  reused: '=',
  failed: 'x',
  skipped: '-',
  planned: '.',
  barFull: '#',
  barEmpty: '.',
  spark: ['_', '.', '-', '=', '^'],
  dot: '|',
};

/** Which set this terminal shows. Windows Terminal and every UTF-8 locale can; the Linux console cannot. */
export function symbolsFor(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Symbols {
  if (platform === 'win32') return env.WT_SESSION || env.TERM_PROGRAM ? UNICODE : ASCII;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return env.TERM !== 'linux' && /utf-?8/i.test(locale) ? UNICODE : ASCII;
}

/** A line of at most `width` bars, each the mean of its share of the values, scaled to their own range; low is low. */
export function sparkline(values: readonly number[], width: number, { spark }: Symbols): string {
  const finite = values.filter(Number.isFinite);
  const bars = Math.min(width, finite.length);
  const shown = Array.from({ length: bars }, (_, at) => {
    const share = finite.slice(
      Math.floor((at * finite.length) / bars),
      Math.floor(((at + 1) * finite.length) / bars),
    );
    return share.reduce((sum, value) => sum + value, 0) / share.length;
  });
  const low = Math.min(...shown);
  const span = Math.max(...shown) - low;
  const top = spark.length - 1;
  return shown.map((value) => spark[span > 0 ? Math.round(((value - low) / span) * top) : 0]).join('');
}

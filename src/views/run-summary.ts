import type { Metric } from '../core/artifact.ts';
import { byCodeUnit } from '../core/json.ts';
import { countOf, formatDuration, formatNumber } from './format.ts';
import type { RunState, StepState } from './run-state.ts';
import type { Symbols } from './symbols.ts';
import { textTable } from './text-table.ts';

export interface SummaryStyle {
  readonly symbols: Symbols;
  /** Columns of the terminal. */
  readonly width: number;
  /** ` --artifacts DIR` where a suggested command needs it; else empty. */
  readonly place: string;
  /** Whether the suggestion may be a full screen. */
  readonly interactive: boolean;
}

/** More rows than this are not looked at in a scrollback. */
const MOST_ROWS = 24;
const BEST_ROWS = 12;
const MOST_FAILURES = 3;

/** What remains in the scrollback: how it ended, the metrics, why a step failed, one command to do next. */
export function summariseRun(state: RunState, style: SummaryStyle): string[] {
  if (!state.end) return [];
  const { symbols, width } = style;
  const { executed, reused, failed, skipped } = state.counts;
  const parts = [`${executed} executed`, `${reused} reused`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  const mark = { succeeded: symbols.finished, failed: symbols.failed, interrupted: symbols.skipped }[
    state.end.status
  ];
  const steps = [...state.steps.values()];
  const failures = steps.filter(({ failure }) => failure);
  const unsaid = failures.slice(MOST_FAILURES).map(({ id }) => id);
  return [
    `${mark} ${state.pipeline} ${state.end.status}: ${parts.join(', ')} of ${countOf(state.counts.total, 'step')} in ${formatDuration(state.end.durationMs)}`,
    ...metricsTable(steps, width),
    ...failures.slice(0, MOST_FAILURES).flatMap((step) => failureLines(step, symbols)),
    ...(unsaid.length > 0 ? ['', `${symbols.failed} failed as well: ${unsaid.join(', ')}`] : []),
    '',
    ...nextCommand(state, failures, style),
  ];
}

/** What people look for first; a terminal holds few columns, and the rest is a command away. */
const FIRST = ['test.acc', 'test.nmi', 'test.mse', 'test.ari', 'val.acc', 'val.nmi', 'acc', 'nmi'];

const nameOf = ({ split, name }: Metric) => (split ? `${split}.${name}` : name);

/** Rows: steps with metrics, the best ones where there are many; columns: `<split>.<metric>`, as many as fit. */
function metricsTable(steps: readonly StepState[], width: number): string[] {
  const all = [...new Set(steps.flatMap(({ metrics }) => metrics.map(nameOf)))].sort(byCodeUnit);
  const first = FIRST.filter((name) => all.includes(name));
  const wanted = first.length > 0 ? first : all;
  const measured = steps.filter(({ metrics }) => metrics.some((metric) => wanted.includes(nameOf(metric))));
  if (measured.length === 0) return [];
  const shown = measured.length > MOST_ROWS ? bestOf(measured, wanted[0]) : measured;
  const rest =
    shown.length < measured.length
      ? [`the best ${shown.length} of ${measured.length} by ${wanted[0]}; all: clade compare latest`]
      : [];
  for (let count = wanted.length; ; count--) {
    const columns = wanted.slice(0, count);
    const rows = shown.map(({ id, metrics }) => [
      id,
      ...columns.map((column) => {
        const metric = metrics.find((one) => nameOf(one) === column);
        return metric ? formatNumber(metric.value) : '';
      }),
    ]);
    const right = columns.map((title) => ({ title, align: 'right' as const }));
    const table = textTable([{ title: 'step' }, ...right], rows);
    if (count === 1 || table[1].length <= width) return ['', ...table, ...rest];
  }
}

function bestOf(steps: readonly StepState[], column: string): readonly StepState[] {
  const metricIn = (step: StepState) => step.metrics.find((one) => nameOf(one) === column);
  const sign = steps.some((step) => metricIn(step)?.better === 'lower') ? 1 : -1;
  const valued = steps.flatMap((step) => {
    const value = metricIn(step)?.value;
    return value !== undefined && Number.isFinite(value) ? [{ step, value }] : [];
  });
  return valued
    .sort((a, b) => sign * (a.value - b.value))
    .slice(0, BEST_ROWS)
    .map(({ step }) => step);
}

function failureLines({ id, failure }: StepState, symbols: Symbols): string[] {
  const { reason, message, logTail } = failure!;
  return [
    '',
    `${symbols.failed} ${id} failed (${reason})`,
    ...message.split('\n').map((line) => `  ${line}`),
    ...logTail.map((line) => `  | ${line}`),
  ];
}

function nextCommand(
  state: RunState,
  failures: readonly StepState[],
  { place, interactive, width }: SummaryStyle,
): string[] {
  const status = state.end!.status;
  if (status === 'interrupted')
    return ['Finished steps are kept. To go on from there: run the same command again'];
  if (status === 'failed') {
    const [first] = failures;
    return [
      'Finished steps are kept; once mended, the same command goes on from here.',
      ...(first ? [`Next: clade ${first.attempt ? `logs latest ${first.id}` : `show latest`}${place}`] : []),
    ];
  }
  if (interactive) return [`Next: clade ui${place}${width < 70 ? '' : '   (curves, pictures, comparison)'}`];
  return [`Next: clade ${state.points > 1 ? 'compare' : 'show'} latest${place}`];
}

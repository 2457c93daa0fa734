import { byCodeUnit } from '../core/json.ts';
import { countOf, formatDuration, formatNumber } from './format.ts';
import type { RunState, StepState } from './run-state.ts';
import type { Symbols } from './symbols.ts';
import { textTable } from './text-table.ts';

/** What remains in the scrollback: how it ended, the metrics, why a step failed, what to do next; `width` in columns. */
export function summariseRun(state: RunState, symbols: Symbols, width: number): string[] {
  if (!state.end) return [];
  const { executed, reused, failed, skipped } = state.counts;
  const parts = [`${executed} executed`, `${reused} reused`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  const mark = { succeeded: symbols.finished, failed: symbols.failed, interrupted: symbols.skipped }[
    state.end.status
  ];
  const steps = [...state.steps.values()];
  return [
    `${mark} ${state.pipeline} ${state.end.status}: ${parts.join(', ')} of ${countOf(state.counts.total, 'step')} in ${formatDuration(state.end.durationMs)}`,
    ...metricsTable(steps, width),
    ...steps.filter(({ failure }) => failure).flatMap((step) => failureLines(step, symbols)),
    ...nextCommand(state, steps),
  ];
}

/** What people look for first; a terminal holds few columns, and the rest is a command away. */
const FIRST = ['test.acc', 'test.nmi', 'test.mse', 'test.ari', 'val.acc', 'val.nmi', 'acc', 'nmi'];

/** Rows: steps with metrics; columns: `<split>.<metric>`, as many as fit. */
function metricsTable(steps: readonly StepState[], width: number): string[] {
  const nameOf = ({ split, name }: { split: string | null; name: string }) =>
    split ? `${split}.${name}` : name;
  const all = [...new Set(steps.flatMap(({ metrics }) => metrics.map(nameOf)))].sort(byCodeUnit);
  const first = FIRST.filter((name) => all.includes(name));
  const wanted = first.length > 0 ? first : all;
  for (let count = wanted.length; count > 0; count--) {
    const columns = wanted.slice(0, count);
    const rows = steps
      .map(({ id, metrics }) => [
        id,
        ...columns.map((column) => {
          const metric = metrics.find((one) => nameOf(one) === column);
          return metric ? formatNumber(metric.value) : '';
        }),
      ])
      .filter(([, ...cells]) => cells.some((cell) => cell !== ''));
    const right = columns.map((title) => ({ title, align: 'right' as const }));
    const table = textTable([{ title: 'step' }, ...right], rows);
    if (count === 1 || table[1].length <= width) return ['', ...table];
  }
  return [];
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

function nextCommand(state: RunState, steps: readonly StepState[]): string[] {
  const status = state.end!.status;
  if (status === 'interrupted') return ['', 'Finished steps are kept. To go on: run the same command again'];
  if (status === 'failed')
    return ['', 'Finished steps are kept. Once mended, the same command goes on from here'];
  if (steps.some(({ uses }) => uses === 'figures'))
    return ['', 'Figures: artifacts/runs/latest/steps/   All metrics: clade compare latest'];
  return ['', 'What was made: clade show latest'];
}

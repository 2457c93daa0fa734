import { byCodeUnit } from '../core/json.ts';
import { countOf, formatDuration, formatNumber } from './format.ts';
import type { RunState, StepState } from './run-state.ts';
import type { Symbols } from './symbols.ts';
import { textTable } from './text-table.ts';

/** What remains in the scrollback: how it ended, the metrics, why a step failed, and what to do next. */
export function summariseRun(state: RunState, symbols: Symbols): string[] {
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
    ...metricsTable(steps),
    ...steps.filter(({ failure }) => failure).flatMap((step) => failureLines(step, symbols)),
    ...nextCommand(state, steps),
  ];
}

/** Rows: steps with metrics; columns: `<split>.<metric>`. */
function metricsTable(steps: readonly StepState[]): string[] {
  const measured = steps.filter(({ metrics }) => metrics.length > 0);
  if (measured.length === 0) return [];
  const nameOf = ({ split, name }: { split: string | null; name: string }) =>
    split ? `${split}.${name}` : name;
  const splitOrder = (name: string) => ['train', 'val', 'test'].indexOf(name.split('.')[0]) + 1 || 4;
  const columns = [...new Set(measured.flatMap(({ metrics }) => metrics.map(nameOf)))].sort(
    (a, b) => splitOrder(a) - splitOrder(b) || byCodeUnit(a, b),
  );
  // Few columns fit a terminal: those of the test split decide, the rest is a command away.
  const test = columns.filter((name) => name.startsWith('test.'));
  const shown = columns.length > 6 && test.length > 0 ? test : columns;
  const rows = measured
    .map((step) => [
      step.id,
      ...shown.map((column) => {
        const metric = step.metrics.find((one) => nameOf(one) === column);
        return metric ? formatNumber(metric.value) : '';
      }),
    ])
    .filter(([, ...cells]) => cells.some((cell) => cell !== ''));
  return [
    '',
    ...textTable([{ title: 'step' }, ...shown.map((title) => ({ title, align: 'right' as const }))], rows),
  ];
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

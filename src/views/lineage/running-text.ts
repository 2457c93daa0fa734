import { formatDuration, formatNumber } from '../format.ts';
import { type RunState, remainingMs, type StepState } from '../run-state.ts';
import { textTable } from '../text-table.ts';

/** How far a run is that goes on, and each step that runs now. */
export function runningText({ runId, counts, steps }: RunState, nowMs: number): string {
  const { executed, reused, failed, skipped, total } = counts;
  const head = `${runId}: ${executed + reused + failed + skipped} of ${total} steps settled`;
  const running = [...steps.values()].filter(isRunning);
  if (running.length === 0) return `${head}\n`;
  const columns = [
    { title: 'running' },
    { title: 'for' },
    { title: 'progress' },
    { title: 'ETA' },
    { title: '' },
  ];
  const rows = running.map((step) => runningRow(step, nowMs));
  return `${head}\n\n${textTable(columns, rows).join('\n')}\n`;
}

function runningRow(step: StepState, nowMs: number): string[] {
  const { id, startedAtMs, progress } = step;
  const leftMs = remainingMs(step, nowMs);
  const values = Object.entries(progress?.values ?? {}).map(
    ([name, value]) => `${name} ${formatNumber(value)}`,
  );
  return [
    id,
    startedAtMs === null ? '' : formatDuration(Math.max(0, nowMs - startedAtMs)),
    progress ? `${progress.unit} ${progress.done}/${progress.total}` : '',
    leftMs === null ? '' : formatDuration(leftMs),
    values.join('  '),
  ];
}

/** The same for programs. */
export function runningSteps({ steps }: RunState) {
  return [...steps.values()].filter(isRunning).map(({ id, startedAtMs, progress }) => ({
    stepId: id,
    startedAt: startedAtMs === null ? null : new Date(startedAtMs).toISOString(),
    ...(progress && {
      done: progress.done,
      total: progress.total,
      unit: progress.unit,
      values: progress.values,
    }),
  }));
}

const isRunning = ({ status }: StepState) => status === 'running';

import type { RunRow, RunStepRow } from '../../store/read-runs.ts';
import { formatDuration, formatNumber } from '../format.ts';
import { formatReason } from '../format-reason.ts';
import { textTable } from '../text-table.ts';

/** One run for people: what became of each step and what it measured. */
export function runDetails(run: RunRow, steps: readonly RunStepRow[], artifacts: string): string {
  const rows = steps.map(({ stepId, verdict, durationMs, fingerprint, reasons }) => [
    stepId,
    verdict,
    verdict === 'executed' && durationMs !== null ? formatDuration(durationMs) : '',
    fingerprint?.slice(0, 12) ?? '',
    verdict === 'executed' ? reasons.slice(0, 2).map(formatReason).join('; ') : '',
  ]);
  const columns = [
    { title: 'step' },
    { title: 'verdict' },
    { title: 'took', align: 'right' as const },
    { title: 'artifact' },
    { title: 'why' },
  ];
  const metrics = steps.flatMap(({ stepId, metrics: measured }) =>
    measured.map(({ split, name, value }) => [stepId, split ?? '', name, formatNumber(value)]),
  );
  const metricColumns = [
    { title: 'step' },
    { title: 'split' },
    { title: 'metric' },
    { title: 'value', align: 'right' as const },
  ];
  const failed = steps.filter(({ failure }) => failure);
  return `${[
    `${run.id}  ${run.pipeline}  ${run.status}  ${run.engine}  ${run.durationMs === null ? '' : formatDuration(run.durationMs)}`,
    `from ${run.file}; files under ${artifacts}/runs/${run.id}/steps/`,
    '',
    ...textTable(columns, rows),
    ...(metrics.length > 0 ? ['', ...textTable(metricColumns, metrics)] : []),
    ...failed.flatMap(({ stepId, failure, message }) => [
      '',
      `${stepId} failed (${failure}): ${message ?? ''}`,
    ]),
  ].join('\n')}\n`;
}

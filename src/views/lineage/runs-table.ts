import type { RunRow } from '../../store/read-runs.ts';
import { formatDuration } from '../format.ts';
import { textTable } from '../text-table.ts';

/** A row a run. */
export function runsTable(runs: readonly RunRow[], artifacts: string): string {
  if (runs.length === 0) return `no runs in ${artifacts} yet: clade run FILE makes one\n`;
  const named = runs.some(({ sweep }) => sweep !== null);
  const rows = runs.map(({ id, pipeline, sweep, status, counts, durationMs, points, engine }) => [
    id,
    pipeline,
    ...(named ? [sweep ?? ''] : []),
    status,
    String(points.length),
    String(counts.executed),
    String(counts.reused),
    String(counts.failed),
    durationMs === null ? '' : formatDuration(durationMs),
    engine,
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [
    { title: 'run' },
    { title: 'pipeline' },
    ...(named ? [{ title: 'sweep' }] : []),
    { title: 'status' },
    right('points'),
    right('executed'),
    right('reused'),
    right('failed'),
    right('took'),
    { title: 'engine' },
  ];
  return `${textTable(columns, rows).join('\n')}\n`;
}

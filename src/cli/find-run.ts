import { nearest } from '../core/suggest.ts';
import type { Lineage } from '../store/read-lineage.ts';
import type { RunRow } from '../store/read-runs.ts';
import { UsageError } from './usage-error.ts';

/** The one run that an id, the start of one, or `latest` means. @throws UsageError for none or several. */
export function findRun(lineage: Lineage, wanted: string): RunRow {
  const runs = lineage.findRuns(wanted);
  if (runs.length === 1) return runs[0];
  if (runs.length > 1) {
    throw new UsageError(`'${wanted}' may mean ${runs.map(({ id }) => id).join(', ')}: give more of it`);
  }
  const known = lineage.listRuns({ limit: 3 }).map(({ id }) => id);
  if (known.length > 0 && nearest(wanted, ['latest']))
    throw new UsageError(`no run '${wanted}'; did you mean 'latest'?`);
  const hint =
    known.length > 0 ? `the newest are ${known.join(', ')}` : `there is no run in ${lineage.folder} yet`;
  throw new UsageError(`no run '${wanted}': ${hint}`);
}

import type { Collection, Removal } from '../core/collection.ts';
import { countOf, formatBytes, formatDuration } from './format.ts';
import { textTable } from './text-table.ts';

/** What went, or would go: by stage and by run, in bytes and in time to make it again. */
export function collectionText(collection: Collection, dryRun: boolean): string {
  const { removals, removed, spared, kept, recomputeMs, waitedFor, checkpoints, quarantine } = collection;
  const shown = dryRun ? removals : removed;
  const total = sumOf(shown);
  const would = dryRun ? 'would be removed' : 'removed';
  const leftovers = [
    [checkpoints, 'unfinished attempt', ''],
    [quarantine, 'thing', ' in quarantine/'],
  ] as const;
  return `${[
    ...(shown.length > 0 ? [...table('stage', shown, ({ stage }) => stage), ''] : []),
    ...(shown.length > 0 ? [...table('last run', shown, ({ runId }) => runId ?? 'none'), ''] : []),
    `${countOf(total.objects, 'artifact')} ${would}, ${formatBytes(total.sizeBytes)}` +
      (shown.length > 0
        ? `; making ${dryRun ? 'these' : 'what was chosen'} again takes about ${formatDuration(recomputeMs)} of computing`
        : ''),
    ...leftovers.flatMap(([{ count, sizeBytes }, noun, place]) =>
      count > 0 ? [`${countOf(count, noun)}${place} ${would}, ${formatBytes(sizeBytes)}`] : [],
    ),
    ...(spared.length > 0
      ? [
          `${countOf(spared.length, 'artifact')} left for now, ${formatBytes(sumOf(spared).sizeBytes)}: in use`,
        ]
      : []),
    ...waitedFor.map(
      ({ pid, host }) =>
        `process ${pid} on ${host} did not answer: nothing was removed; try again when it ended`,
    ),
    `${countOf(kept.objects, 'artifact')} kept for ${countOf(kept.runs, 'run')}, ${formatBytes(kept.sizeBytes)}`,
  ].join('\n')}\n`;
}

function table(title: string, removals: readonly Removal[], keyOf: (removal: Removal) => string): string[] {
  const groups = new Map<string, Removal[]>();
  for (const removal of removals)
    groups.set(keyOf(removal), [...(groups.get(keyOf(removal)) ?? []), removal]);
  const rows = [...groups]
    .map(([key, of]) => ({ key, ...sumOf(of) }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes || (a.key < b.key ? -1 : 1));
  const right = (name: string) => ({ title: name, align: 'right' as const });
  return textTable(
    [{ title }, right('artifacts'), right('bytes'), right('took')],
    rows.map(({ key, objects, sizeBytes, durationMs }) => [
      key,
      String(objects),
      formatBytes(sizeBytes),
      formatDuration(durationMs),
    ]),
  );
}

function sumOf(removals: readonly Removal[]) {
  return {
    objects: removals.length,
    sizeBytes: removals.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    durationMs: removals.reduce((sum, { durationMs }) => sum + durationMs, 0),
  };
}

import type { StaleReason } from '../../core/events.ts';
import type { Failure } from '../../core/failure.ts';
import { countOf, formatDuration } from '../format.ts';
import { formatReason } from '../format-reason.ts';
import { textTable } from '../text-table.ts';

/** What a run would do with a step, as the runner explains it. */
export interface ExplainedStep {
  readonly step: { readonly id: string; readonly uses: string };
  readonly verdict: 'reused' | 'would-run' | 'cannot-run';
  readonly fingerprint: string | null;
  readonly reasons: readonly StaleReason[];
  readonly failure: Failure | null;
}

/** A row a step, and what it would come to. @param costMs of one execution of a stage, where lineage knows it. */
export function explanationTable(
  steps: readonly ExplainedStep[],
  costMs: (stage: string) => number | null,
): string {
  const rows = steps.map(({ step, verdict, reasons, failure }) => [
    step.id,
    verdict,
    verdict === 'would-run' ? cost(costMs(step.uses)) : '',
    failure ? failure.message.split('\n')[0] : reasonsInShort(step.id, reasons).join('; '),
  ]);
  const running = steps.filter(({ verdict }) => verdict === 'would-run');
  const known = running.map(({ step }) => costMs(step.uses)).filter((value) => value !== null);
  const total = known.reduce((sum, value) => sum + value, 0);
  const summary = [
    `${running.length} of ${countOf(steps.length, 'step')} would run`,
    known.length > 0
      ? `about ${formatDuration(total)} of work${known.length < running.length ? ', and what is not known' : ''}`
      : null,
  ].filter((part) => part !== null);
  const columns = [
    { title: 'step' },
    { title: 'verdict' },
    { title: 'cost', align: 'right' as const },
    { title: 'why' },
  ];
  return `${[...textTable(columns, rows), '', summary.join(', ')].join('\n')}\n`;
}

/** In one line: what a step depends on of its own point by name alone, what it collects by number. */
function reasonsInShort(stepId: string, reasons: readonly StaleReason[]): string[] {
  const others = reasons.filter(({ code }) => code !== 'depends-on');
  const needed = new Map<string, string[]>(); // by name
  for (const { code, field } of reasons) {
    if (code !== 'depends-on') continue;
    const { name } = partsOf(field);
    needed.set(name, [...(needed.get(name) ?? []), field]);
  }
  const own = new Set(partsOf(stepId).point);
  const told = [...needed].map(([name, ids]) => {
    if (ids.length > 1) return `${name} (${countOf(ids.length, 'point')})`;
    return partsOf(ids[0]).point.every((value) => own.has(value)) ? name : ids[0];
  });
  return [...others.map(formatReason), ...(told.length > 0 ? [`depends on ${told.join(', ')}`] : [])];
}

/** `train@d=3,seed=1` → `train` and [`d=3`, `seed=1`]. */
function partsOf(stepId: string): { readonly name: string; readonly point: readonly string[] } {
  const [name, point] = stepId.split(/@(.*)/s);
  return { name, point: point ? point.split(',') : [] };
}

/** All that is known of one step. */
export function explanationText({ step, verdict, fingerprint, reasons, failure }: ExplainedStep): string {
  const head = { reused: 'is reused', 'would-run': 'would run', 'cannot-run': 'cannot run' }[verdict];
  const lines = failure ? [`${failure.reason}: ${failure.message}`] : reasons.map(formatReason);
  const because = verdict === 'reused' ? ['nothing that decides it has changed'] : lines;
  return `${[`${step.id} ${head}${fingerprint ? ` (${fingerprint.slice(0, 12)})` : ''}`, ...because.map((line) => `  ${line}`)].join('\n')}\n`;
}

function cost(costMs: number | null): string {
  return costMs === null ? '?' : formatDuration(costMs);
}

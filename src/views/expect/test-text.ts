import type { LineageChange } from '../../core/events.ts';
import type { CheckResult, TestReport } from '../../core/test-report.ts';
import { countOf, formatDuration } from '../format.ts';
import { formatReason } from '../format-reason.ts';
import type { Symbols } from '../symbols.ts';

const CHANGES_SHOWN = 12;

/** What `clade test` tells people: what fails first and in full, then what was written, then the count. */
export function testText(report: TestReport, symbols: Symbols, verbose: boolean): string {
  const failed = report.checks.filter(({ status }) => status === 'failed');
  const passed = report.checks.filter(({ status }) => status === 'passed');
  const lines = [
    ...(verbose ? passed.map(({ title, got }) => `${symbols.finished} ${title}: ${got}`) : []),
    ...failed.flatMap((check) => ['', ...failedText(check, symbols)]),
    ...updatesText(report),
    ...(failed.length > 0 ? [''] : []),
    summary(report),
  ];
  return `${lines.join('\n').replace(/^\n/, '')}\n`;
}

function failedText(check: CheckResult, symbols: Symbols): string[] {
  return [
    `${symbols.failed} ${check.title}  (${check.file}:${check.line})`,
    `    expected  ${check.expected}`,
    `    got       ${check.got}`,
    ...check.details.map((line) => `              ${line}`),
    ...sinceText(check),
  ];
}

function sinceText({ lastHeld, earlierRuns, changes, steps }: CheckResult): string[] {
  if (steps.length === 0) return [];
  if (!lastHeld) {
    const runs =
      earlierRuns === 0
        ? 'there is no earlier run to compare with'
        : `held in none of ${countOf(earlierRuns, 'earlier run')}`;
    return [`    ${runs}`];
  }
  const shown = changes.slice(0, CHANGES_SHOWN);
  return [
    `    last held in run ${lastHeld.runId} (${lastHeld.startedAt})`,
    changes.length === 0 ? '    nothing that lineage knows of has changed since' : '    changed since:',
    ...shown.map((change) => `      ${changeText(change)}`),
    ...(changes.length > shown.length ? [`      and ${changes.length - shown.length} more`] : []),
  ];
}

/** `finetune: parameter gamma: 0.01 → 0.02 (p.yaml:12)`. */
export function changeText(change: LineageChange): string {
  return `${change.stepId}: ${formatReason(change)}`;
}

function updatesText({ updates, refusals }: TestReport): string[] {
  return [
    ...updates.map(({ file, line, from, to }) =>
      line === null ? `wrote ${file}` : `wrote ${file}:${line}: ${from} → ${to}`,
    ),
    ...refusals.map((why) => `not written: ${why}`),
  ];
}

function summary({ checks, counts, runId, runStatus, durationMs }: TestReport): string {
  const parts = [
    `${counts.passed} of ${countOf(checks.length, 'expectation')} hold`,
    ...(counts.failed > 0 ? [`${counts.failed} fail`] : []),
    ...(counts.updated > 0 ? [`${counts.updated} updated`] : []),
  ];
  const run = runStatus === 'succeeded' ? '' : ` (which ${runStatus})`;
  return `${parts.join(', ')}; run ${runId}${run}, ${formatDuration(durationMs)}`;
}

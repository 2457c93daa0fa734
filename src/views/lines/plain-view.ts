import type { RunEvent } from '../../core/events.ts';
import { countOf, formatDuration, formatNumber } from '../format.ts';
import { formatReason } from '../format-reason.ts';
import { EMPTY_RUN, type RunState, reduceRun } from '../run-state.ts';
import { summariseRun } from '../run-summary.ts';
import type { RunView } from '../run-view.ts';
import type { Symbols } from '../symbols.ts';

/** A line of progress for one step at most this often, so that a log stays readable. */
const PROGRESS_INTERVAL_MS = 10_000;
const REUSED_NAMED = 12;
/** A log has no width of its own. */
const SUMMARY_COLUMNS = 120;

/**
 * Lines with timestamps, for pipes, logs and CI; the summary at the end has none.
 * @param place ` --artifacts DIR` where a suggested command needs it
 */
export function createPlainView(out: NodeJS.WritableStream, symbols: Symbols, place = ''): RunView {
  let state: RunState = EMPTY_RUN;
  const lastProgressMs = new Map<string, number>();
  let reused = 0;
  const line = (at: string, text: string) => void out.write(`${at.slice(11, 19)}  ${text}\n`);

  return {
    show(event) {
      state = reduceRun(state, event);
      const text = describe(event);
      if (text !== null) for (const one of text.split('\n')) line(event.at, one);
    },
    async close() {
      const style = { symbols, width: SUMMARY_COLUMNS, place, interactive: false };
      out.write(`${summariseRun(state, style).join('\n')}\n`);
    },
  };

  function describe(event: RunEvent): string | null {
    switch (event.event) {
      case 'run-started':
        return [
          `${event.pipeline}${event.sweep ? ` (${event.sweep})` : ''}: ${countOf(event.steps, 'step')}, ${countOf(event.points, 'point')}, engine ${event.engine}, run ${event.runId}`,
          ...event.notes.map((note) => `note: ${note}`),
        ].join('\n');
      case 'step-planned':
        return null;
      case 'step-started': {
        const why = event.reasons.slice(0, 3).map(formatReason).join('; ');
        const threads = (event.threads ?? 1) > 1 ? ` on ${event.threads} cores` : '';
        const resumed = event.resumedFrom ? ' (going on from a checkpoint)' : '';
        return `${symbols.running} ${event.stepId}${threads}${resumed}${why ? `  — ${why}` : ''}`;
      }
      case 'step-progressed': {
        const at = Date.parse(event.at);
        const last = lastProgressMs.get(event.stepId);
        if (last === undefined) lastProgressMs.set(event.stepId, at);
        if (last === undefined || at - last < PROGRESS_INTERVAL_MS) return null;
        lastProgressMs.set(event.stepId, at);
        const values = Object.entries(event.values).map(([name, value]) => `${name} ${formatNumber(value)}`);
        return `  ${event.stepId}: ${event.unit} ${event.done}/${event.total}  ${values.join('  ')}`;
      }
      case 'step-reused':
        reused++;
        return reused > REUSED_NAMED ? null : `${symbols.reused} ${event.stepId}  reused`;
      case 'step-finished':
        return [
          `${symbols.finished} ${event.stepId}  ${formatDuration(event.durationMs)}${event.items ? `  (${event.items.total - event.items.reused} of ${event.items.total} made)` : ''}`,
          ...event.notes.map((note) => `  note: ${note}`),
        ].join('\n');
      case 'step-failed':
        return [
          `${symbols.failed} ${event.stepId}  failed (${event.reason})`,
          ...indent(event.message),
          ...event.logTail.map((l) => `  | ${l}`),
        ].join('\n');
      case 'step-retried':
        return [
          `${symbols.failed} ${event.stepId}  failed (${event.reason}): retry ${event.retry} of ${event.retries} in ${formatDuration(event.afterMs)}`,
          ...indent(event.message),
        ].join('\n');
      case 'step-skipped':
        return `${symbols.skipped} ${event.stepId}  skipped: ${event.because}`;
      case 'run-finished':
        return null;
    }
  }
}

function indent(text: string): string[] {
  return text.split('\n').map((one) => `  ${one}`);
}

import type { RunEvent } from '../../core/events.ts';
import { countOf, formatDuration, formatNumber } from '../format.ts';
import { formatReason } from '../format-reason.ts';
import type { RunView } from '../run-view.ts';

/** A line of progress for one step at most this often, so that a log stays readable. */
const PROGRESS_INTERVAL_MS = 10_000;
const REUSED_NAMED = 12;

/** Lines with timestamps, for pipes, logs and CI. */
export function createPlainView(out: NodeJS.WritableStream): RunView {
  const lastProgressMs = new Map<string, number>();
  let reused = 0;
  const line = (at: string, text: string) => void out.write(`${at.slice(11, 19)}  ${text}\n`);

  return {
    show(event) {
      const text = describe(event);
      if (text !== null) for (const one of text.split('\n')) line(event.at, one);
    },
    close: async () => {},
  };

  function describe(event: RunEvent): string | null {
    switch (event.event) {
      case 'run-started':
        return [
          `${event.pipeline}: ${countOf(event.steps, 'step')}, ${countOf(event.points, 'point')}, engine ${event.engine}, run ${event.runId}`,
          ...event.notes.map((note) => `note: ${note}`),
        ].join('\n');
      case 'step-planned':
        return null;
      case 'step-started': {
        const why = event.reasons.slice(0, 3).map(formatReason).join('; ');
        const resumed = event.resumedFrom ? ' (going on from a checkpoint)' : '';
        return `▶ ${event.stepId}${resumed}${why ? `  — ${why}` : ''}`;
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
        return reused > REUSED_NAMED ? null : `= ${event.stepId}  reused`;
      case 'step-finished':
        return [
          `✔ ${event.stepId}  ${formatDuration(event.durationMs)}`,
          ...event.notes.map((note) => `  note: ${note}`),
        ].join('\n');
      case 'step-failed':
        return [
          `✘ ${event.stepId}  failed (${event.reason})`,
          ...indent(event.message),
          ...event.logTail.map((l) => `  | ${l}`),
        ].join('\n');
      case 'step-skipped':
        return `- ${event.stepId}  skipped: ${event.because}`;
      case 'run-finished': {
        const { executed, failed, skipped } = event.steps;
        const parts = [`${executed} executed`, `${event.steps.reused} reused`];
        if (failed > 0) parts.push(`${failed} failed`);
        if (skipped > 0) parts.push(`${skipped} skipped`);
        return `${event.status}: ${parts.join(', ')} in ${formatDuration(event.durationMs)}`;
      }
    }
  }
}

function indent(text: string): string[] {
  return text.split('\n').map((one) => `  ${one}`);
}

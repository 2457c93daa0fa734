import { fitMiddle, fitText, type Line, type Look, plain, type Span } from '../cells.ts';
import { countOf, formatDuration, formatNumber } from '../format.ts';
import { type RunState, remainingMs, type StepState } from '../run-state.ts';
import { sparkline } from '../symbols.ts';
import { displayWidth } from '../text-table.ts';

export interface RunPicture {
  readonly state: RunState;
  readonly nowMs: number;
  readonly look: Look;
  readonly columns: number;
  readonly rows: number;
  /** Ctrl-C was heard: said at once, since ending takes a moment. */
  readonly interrupting: boolean;
}

const MOST_RUNNING = 8;
const MOST_FAILED = 3;
const BAR_COLUMNS = [24, 16, 8];
const SPARK_COLUMNS = [24, 16, 8];

/**
 * The compact block of `clade run`: the plan's progress, each running step, what failed. Lines are not wider
 * than the terminal less one column (a full line would wrap when it is resized), and fewer than its rows.
 */
export function drawRun(picture: RunPicture): Line[] {
  const { state, interrupting, rows, columns } = picture;
  const steps = [...state.steps.values()];
  const running = steps.filter(({ status }) => status === 'running');
  const failed = steps.filter(({ status }) => status === 'failed').reverse();
  const head = drawHead(picture, running.length);
  const foot = interrupting
    ? [plain('ending the running steps; finished ones are kept (Ctrl-C again: at once)', { fg: 'yellow' })]
    : [];
  const left = Math.max(1, rows - 1 - head.length - foot.length);
  const failures = firstOf(
    failed.map(drawFailure(picture)),
    Math.min(MOST_FAILED, Math.floor(left / 3)),
    'failed',
  );
  const steady = firstOf(
    drawRunning(running, picture),
    Math.min(MOST_RUNNING, left - failures.length),
    'running',
  );
  return [...head, ...steady, ...failures, ...foot]
    .slice(0, Math.max(1, rows - 1))
    .map((line) => cutLine(line, columns - 1));
}

/** One line where all of it fits, else two: nothing of it is left out. */
function drawHead({ state, nowMs, look, columns }: RunPicture, running: number): Line[] {
  const { executed, reused, failed, skipped, total } = state.counts;
  const done = executed + reused + failed + skipped;
  const { barFull, barEmpty, dot } = look.symbols;
  const facts: Span[] = [
    ...(state.points > 1 ? [{ text: countOf(state.points, 'point') }] : []),
    { text: `${reused} reused` },
    ...(failed > 0 ? [{ text: `${failed} failed`, style: { fg: 'red' as const, bold: true } }] : []),
    ...(skipped > 0 ? [{ text: `${skipped} skipped` }] : []),
    { text: `${running}/${state.workers} workers` },
    { text: state.engine },
  ];
  const tail = facts.flatMap((fact): Span[] => [
    { text: ` ${dot} `, style: { dim: true } },
    { ...fact, style: fact.style ?? { dim: true } },
  ]);
  const lead = (bar: number): Line => {
    const full = total > 0 ? Math.min(bar, Math.floor((done / total) * bar)) : 0;
    return [
      { text: `${state.pipeline} `, style: { bold: true } },
      { text: barFull.repeat(full), style: { fg: 'cyan' } },
      { text: barEmpty.repeat(bar - full), style: { fg: 'cyan', dim: true } },
      { text: ` ${done}/${total} steps` },
    ];
  };
  const time: Span = {
    text: ` ${dot} ${formatSeconds(Math.max(0, nowMs - state.startedAtMs))}`,
    style: { dim: true },
  };
  for (const bar of BAR_COLUMNS) {
    const line = [...lead(bar), ...tail, time];
    if (widthOf(line) < columns) return [line];
  }
  const bar = BAR_COLUMNS.find((width) => widthOf([...lead(width), time]) < columns) ?? 4;
  return [
    [...lead(bar), time],
    [{ text: ' ' }, ...tail.slice(1)],
  ];
}

/** Steps with their names, progress, ETA, curve and values under each other, as much of it as fits. */
function drawRunning(steps: readonly StepState[], { nowMs, look, columns }: RunPicture): Line[] {
  const cells = steps.map((step) => {
    const { progress, startedAtMs } = step;
    const leftMs = remainingMs(step, nowMs);
    const spentMs = Math.max(0, nowMs - (startedAtMs ?? nowMs));
    return {
      id: step.id,
      progress: progress
        ? `${progress.unit} ${String(progress.done).padStart(String(progress.total).length)}/${progress.total}`
        : formatSeconds(spentMs),
      eta: leftMs === null ? '' : `ETA ${formatSeconds(leftMs)}`,
      values: Object.entries(progress?.values ?? {}).map(([name, value]) => `${name} ${formatNumber(value)}`),
      trace: progress?.trace ?? [],
    };
  });
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(displayWidth));
  const idWidth = Math.min(widest(cells.map(({ id }) => id)), Math.max(12, Math.floor(columns * 0.4)));
  const progressWidth = widest(cells.map(({ progress }) => progress));
  const etaWidth = widest(cells.map(({ eta }) => eta));
  const valueWidth = widest(cells.map(({ values }) => values[0] ?? ''));
  const free = columns - 1 - (2 + idWidth + 2 + progressWidth + 2 + etaWidth + 2 + valueWidth + 2);
  const sparkWidth = cells.some(({ trace }) => trace.length > 1)
    ? (SPARK_COLUMNS.find((width) => width <= free) ?? (free + valueWidth + 2 >= 8 ? 8 : 0))
    : 0;
  return cells.map(({ id, progress, eta, values, trace }): Line => {
    const line: Span[] = [
      { text: `${look.symbols.running} `, style: { fg: 'green' } },
      { text: fitMiddle(id, idWidth) },
      { text: `  ${fitText(progress, progressWidth)}`, style: { dim: true } },
    ];
    if (etaWidth > 0) line.push({ text: `  ${fitText(eta, etaWidth)}` });
    if (sparkWidth > 0)
      line.push({
        text: `  ${fitText(sparkline(trace, sparkWidth, look.symbols), sparkWidth)}`,
        style: { fg: 'cyan' },
      });
    for (const value of values) {
      if (widthOf(line) + 2 + displayWidth(value) >= columns) break;
      line.push({ text: `  ${value}` });
    }
    return line;
  });
}

function drawFailure({ look }: RunPicture) {
  return ({ id, failure }: StepState): Line => [
    { text: `${look.symbols.failed} ${id}`, style: { fg: 'red' } },
    { text: `  ${failure?.message.split('\n')[0] ?? ''}` },
  ];
}

/** So many lines, the last of which tells of the rest where there is more. */
function firstOf(lines: readonly Line[], most: number, what: string): readonly Line[] {
  if (lines.length <= most) return lines;
  const kept = Math.max(0, most - 1);
  return [...lines.slice(0, kept), plain(`  ${lines.length - kept} more ${what}`, { dim: true })].slice(
    0,
    most,
  );
}

/** As durations elsewhere, without tenths: they would change with every picture. */
function formatSeconds(durationMs: number): string {
  return durationMs < 10_000 ? `${Math.round(durationMs / 1000)} s` : formatDuration(durationMs);
}

const widthOf = (line: Line) => line.reduce((sum, { text }) => sum + displayWidth(text), 0);

/** Cut to a width, not padded. */
function cutLine(line: Line, width: number): Line {
  const out: Span[] = [];
  let left = width;
  for (const { text, style } of line) {
    if (left <= 0) break;
    const size = displayWidth(text);
    out.push({ text: fitText(text, Math.min(size, left)), style });
    left -= size;
  }
  return out;
}

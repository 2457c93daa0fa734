import { fitLine, fitText, type Line, plain, wrapText } from '../cells.ts';
import { formatDuration } from '../format.ts';
import { displayWidth } from '../text-table.ts';
import { drawCompare } from './draw-compare.ts';
import { drawPoint } from './draw-point.ts';
import { cellText, drawPoints } from './draw-points.ts';
import { HINTS } from './pages.ts';
import type { UiData, UiState } from './state.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Rows of the screen that are not the list's: head, its rule, titles, foot. */
export const FRAME_ROWS = 4;

/** The whole screen: as many lines as it has rows, each as wide as it is. */
export function draw(state: UiState, data: UiData, size: Size): Line[] {
  if (size.columns < 20 || size.rows < 6) return [plain(fitText('too small', size.columns))];
  const inner = { columns: size.columns, rows: size.rows - 2 };
  const body = state.page
    ? drawPage(state, inner)
    : state.chooser !== null
      ? drawChooser(state, data, inner)
      : SCREENS[state.screen](state, data, inner);
  const lines = [head(state, data), ...body.slice(0, inner.rows)];
  while (lines.length < size.rows - 1) lines.push([]);
  lines.push(foot(state, data));
  return lines.map((line) => fitLine(line, size.columns));
}

const SCREENS = { runs: drawRuns, points: drawPoints, point: drawPoint, compare: drawCompare };

function head(state: UiState, data: UiData): Line {
  const { run, look } = data;
  const mark = look.symbols.dot;
  if (state.screen === 'runs' || !run)
    return [
      { text: ' clade ', style: { inverse: true, bold: true } },
      { text: ` ${data.folder}`, style: { dim: true } },
    ];
  const { total, executed, reused, failed, skipped } = run.counts;
  const done = executed + reused + failed + skipped;
  const running = [...run.steps.values()].filter(({ status }) => status === 'running');
  const live = running
    .map(({ id, progress }) => (progress ? `${id} ${progress.unit} ${progress.done}/${progress.total}` : id))
    .join(', ');
  const status = run.end
    ? run.end.status
    : (data.runs.find(({ id }) => id === run.runId)?.status ?? 'running');
  const tookMs = run.end?.durationMs ?? (status === 'running' ? data.nowMs - run.startedAtMs : null);
  const took = tookMs === null ? '' : ` ${mark} ${formatDuration(tookMs)}`;
  return [
    { text: ` ${run.pipeline} `, style: { inverse: true, bold: true } },
    { text: ` ${run.runId} ${status}`, style: { bold: true, fg: status === 'failed' ? 'red' : undefined } },
    {
      text: ` ${mark} ${done}/${total} steps ${mark} ${reused} reused${failed > 0 ? ` ${mark} ${failed} failed` : ''}${took}`,
    },
    { text: live === '' ? '' : ` ${look.symbols.running} ${live}`, style: { fg: 'green' } },
  ];
}

function foot(state: UiState, data: UiData): Line {
  if (state.prompt) {
    const { text, error } = state.prompt;
    return [
      { text: '/', style: { bold: true } },
      { text },
      { text: ' ', style: { inverse: true } },
      { text: error ? `  ${error}` : '', style: { fg: 'red' } },
    ];
  }
  if (state.message) return plain(` ${state.message}`, { fg: 'yellow' });
  if (state.page) return plain(' j/k scroll  y copy  Esc close', { dim: true });
  if (state.chooser !== null)
    return plain(' Space show or hide  o only this  a all  j/k move  Esc close', { dim: true });
  const filter =
    state.screen === 'points' && state.table.filter !== ''
      ? ` filter: ${state.table.filter} (Esc clears) `
      : '';
  const loading = data.loading ? ' reading … ' : '';
  return [
    { text: loading + filter, style: { fg: 'yellow' } },
    { text: ` ${HINTS[state.screen]}`, style: { dim: true } },
  ];
}

function drawPage({ page, scroll }: UiState, { rows, columns }: Size): Line[] {
  const { title, lines } = page!;
  const shown = lines.flatMap((line) => wrapText(line, columns - 2));
  const from = Math.min(scroll, Math.max(0, shown.length - (rows - 2)));
  return [
    plain(` ${title}`, { bold: true }),
    [],
    ...shown.slice(from, from + rows - 2).map((line) => plain(` ${line}`)),
  ];
}

/** All columns with what they hold at the chosen point. */
function drawChooser(state: UiState, data: UiData, { columns, rows }: Size): Line[] {
  const all = data.table?.columns() ?? [];
  const row = data.rows[state.cursor];
  const from = windowStart(state.chooser!, all.length, rows - 2);
  const nameWidth = Math.min(columns - 20, Math.max(8, ...all.map(displayWidth)));
  const shown = all.length - state.table.hidden.filter((name) => all.includes(name)).length;
  return [
    plain(` columns: ${shown} of ${all.length} shown`, { bold: true }),
    [],
    ...all.slice(from, from + rows - 2).map((name, at): Line => {
      const here = from + at === state.chooser;
      const box = state.table.hidden.includes(name) ? '[ ]' : '[x]';
      const value = row ? cellText(row, name) : '';
      const style = here ? { inverse: true } : undefined;
      return [
        { text: `${here ? '>' : ' '} ${box} ${fitText(name, nameWidth)}`, style },
        { text: `  ${value}`, style: { ...style, dim: !here } },
      ];
    }),
  ];
}

function drawRuns(state: UiState, data: UiData, { rows, columns }: Size): Line[] {
  if (data.runs.length === 0)
    return data.loading
      ? []
      : [[], plain(` no runs in ${data.folder} yet: clade run FILE makes one; it will show here`)];
  const { dot } = data.look.symbols;
  const name = columns < 80 ? 10 : 16;
  const title = `   ${fitText('run', 20)}  ${fitText('pipeline', name)}  ${fitText('status', 11)}  ${fitText('points', 6, 'right')}  ${fitText('executed reused failed', 22)}  took`;
  const shown = rows - 1;
  const from = windowStart(state.runCursor, data.runs.length, shown);
  return [
    plain(title, { bold: true }),
    ...data.runs.slice(from, from + shown).map((run, at): Line => {
      const here = from + at === state.runCursor;
      const counts = run.counts
        ? `${run.counts.executed} ${dot} ${run.counts.reused} ${dot} ${run.counts.failed}`
        : '';
      const took = run.durationMs === null ? '' : formatDuration(run.durationMs);
      const text = run.problem
        ? `${run.id}  ${run.problem}`
        : `${fitText(run.id, 20)}  ${fitText(run.pipeline, name)}  ${fitText(run.status, 11)}  ${fitText(String(run.points.length), 6, 'right')}  ${fitText(counts, 22)}  ${took}`;
      const line = fitText(`${here ? '>' : ' '}  ${text}`, columns);
      return plain(line, here ? { inverse: true } : run.status === 'failed' ? { fg: 'red' } : undefined);
    }),
  ];
}

/** The first row that a list shows, so that its cursor stands in the middle where it can. */
export function windowStart(cursor: number, count: number, shown: number): number {
  return Math.max(0, Math.min(cursor - Math.floor(shown / 2), count - shown));
}

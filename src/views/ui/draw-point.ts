import { beside, fitText, type Line, type Look, plain, type Span, wrapText } from '../cells.ts';
import { pointText } from '../compare/axis-text.ts';
import { formatDuration, formatNumber } from '../format.ts';
import { remainingMs, type StepState } from '../run-state.ts';
import { STATUS_COLOUR } from './draw-points.ts';
import type { Detail } from './load-detail.ts';
import { drawPicture, plotCurves, plotScatter } from './plots.ts';
import { pointSteps, type UiData, type UiState } from './state.ts';
import { TABS } from './update.ts';

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A point: its DAG with states beside what a tab shows; on a narrow screen above it. */
export function drawPoint(state: UiState, data: UiData, { columns, rows }: Size): Line[] {
  const row = data.rows[state.cursor];
  const steps = pointSteps(state, data);
  if (!row || steps.length === 0) return [plain(' nothing is known of this point yet')];
  const title = plain(` ${pointText(row.point)}`, { bold: true });
  if (columns >= 90) {
    const left = Math.min(52, Math.floor(columns * 0.38));
    const dag = drawSteps(steps, { state, data, size: { columns: left - 2, rows: rows - 1 } });
    const right = drawTab(state, data, { columns: columns - left, rows: rows - 1 });
    return [title, ...beside(dag, left, right)];
  }
  const top = Math.max(2, Math.min(steps.length, Math.floor(rows * 0.3)));
  return [
    title,
    ...drawSteps(steps, { state, data, size: { columns, rows: top } }),
    ...drawTab(state, data, { columns, rows: rows - 1 - top }),
  ];
}

/** Steps in the order of the plan, indented by their depth in the DAG; the chosen one names what it needs. */
function drawSteps(
  steps: readonly StepState[],
  { state, data, size }: { state: UiState; data: UiData; size: Size },
): Line[] {
  const depth = new Map<string, number>();
  for (const { id, dependsOn } of steps)
    depth.set(id, Math.max(-1, ...dependsOn.map((one) => depth.get(one) ?? -1)) + 1);
  const at = Math.min(state.step, steps.length - 1);
  const from = Math.max(0, Math.min(at - Math.floor(size.rows / 2), steps.length - size.rows));
  const needed = new Set(steps[at].dependsOn);
  return steps.slice(from, from + size.rows).map((step, index): Line => {
    const here = from + index === at;
    const style = here ? { inverse: true } : undefined;
    const tail =
      step.status === 'running'
        ? runningText(step, data.nowMs)
        : step.durationMs
          ? formatDuration(step.durationMs)
          : step.status === 'finished'
            ? ''
            : step.status;
    const indent = ' '.repeat(Math.min(6, depth.get(step.id) ?? 0));
    const nameWidth = Math.max(8, size.columns - 4 - tail.length - 1);
    return [
      { text: here ? '>' : needed.has(step.id) ? '+' : ' ', style },
      { text: `${data.look.symbols[step.status]} `, style: { ...style, fg: STATUS_COLOUR[step.status] } },
      { text: fitText(indent + step.id.split('@')[0], nameWidth), style }, // the title names the point
      { text: ` ${tail}`, style: { ...style, dim: !here } },
    ];
  });
}

function runningText(step: StepState, nowMs: number): string {
  if (!step.progress) return 'running';
  const left = remainingMs(step, nowMs);
  return `${step.progress.done}/${step.progress.total}${left === null ? '' : ` ETA ${formatDuration(left)}`}`;
}

function drawTab(state: UiState, data: UiData, size: Size): Line[] {
  const tabs = TABS.flatMap((tab, at): Span[] => [
    { text: ` ${at + 1} ${tab} `, style: tab === state.tab ? { inverse: true } : { dim: true } },
  ]);
  const { detail } = data;
  if (!detail) return [tabs, plain(' …', { dim: true })];
  if (detail.kind === 'nothing') return [tabs, plain(` ${detail.message}`, { dim: true })];
  const inner = { columns: size.columns - 1, rows: size.rows - 2 };
  return [
    tabs,
    plain(` ${detail.of}`, { dim: true }),
    ...drawDetail(detail, inner, { state, look: data.look }),
  ];
}

function drawDetail(
  detail: Exclude<Detail, { kind: 'nothing' }>,
  size: Size,
  { state, look }: { state: UiState; look: Look },
): Line[] {
  switch (detail.kind) {
    case 'curves':
      return plotCurves(detail.series, size, look);
    case 'scatter':
      return plotScatter(detail.points, detail.names, size, look);
    case 'pictures':
      return drawPairs(detail, size, { skip: state.scroll, look });
    case 'confusion':
      return drawConfusion(detail).slice(state.scroll);
    case 'log': {
      // Follows the end; K goes back.
      const lines = detail.lines.flatMap((line) => wrapText(line, size.columns - 1));
      const end = Math.max(size.rows, lines.length - state.scroll);
      return lines.slice(Math.max(0, end - size.rows), end).map((line) => plain(` ${line}`));
    }
  }
}

/** Originals over their reconstructions, as many pairs as fit, from the one that is scrolled to. */
function drawPairs(
  { pairs }: Extract<Detail, { kind: 'pictures' }>,
  size: Size,
  { skip, look }: { skip: number; look: Look },
): Line[] {
  // A cell is about twice as high as wide.
  const side = Math.max(4, Math.min(32, size.rows - 1, Math.floor(size.columns / 3)));
  const rows = Math.max(2, Math.floor(Math.min(side, size.rows - 1) / 2));
  const columns = rows * 2;
  const count = Math.max(1, Math.floor(size.columns / (columns + 1)));
  const shown = pairs.slice(Math.min(skip, Math.max(0, pairs.length - count))).slice(0, count);
  const line = (which: 0 | 1) => {
    const pictures = shown.map((pair) => drawPicture(pair[which], { columns, rows }, look));
    return Array.from(
      { length: rows },
      (_, row): Line => [
        { text: ' ' },
        ...pictures.flatMap((picture): Span[] => [...picture[row], { text: ' ' }]),
      ],
    );
  };
  return [
    ...line(0),
    ...line(1),
    plain(` above originals, below reconstructions; ${pairs.length} pairs (J K)`, { dim: true }),
  ];
}

const CELL = 9;

/** A row a class, a column a cluster; the diagonal is what was matched. Shares as well as colours. */
function drawConfusion({ classes, splits }: Extract<Detail, { kind: 'confusion' }>): Line[] {
  const nameWidth = Math.min(16, Math.max(...classes.map((name) => name.length), 5));
  return Object.entries(splits)
    .reverse()
    .flatMap(([split, { counts, clusterOfColumn }]): Line[] => [
      plain(` ${split}`, { bold: true }),
      plain(
        ` ${' '.repeat(nameWidth)}${clusterOfColumn.map((cluster) => fitText(`c${cluster ?? '-'}`, CELL, 'right')).join('')}`,
        { dim: true },
      ),
      ...counts.map((row, at): Line => {
        const total = row.reduce((sum, value) => sum + value, 0);
        return [
          { text: ` ${fitText(classes[at] ?? '', nameWidth)}` },
          ...row.map((count, column): Span => {
            const share = total > 0 ? count / total : 0;
            const level = Math.round(30 + share * 120);
            return {
              text: fitText(`${count} ${formatNumber(Math.round(share * 100))}%`, CELL, 'right'),
              style: {
                bg: count === 0 ? undefined : column === at ? [0, level, 60] : [level, 40, 40],
                bold: column === at,
              },
            };
          }),
        ];
      }),
      [],
    ]);
}

import type { Json } from '../../core/json.ts';
import { type Colour, fitText, type Line, plain, type Span } from '../cells.ts';
import { formatNumber } from '../format.ts';
import type { StepState } from '../run-state.ts';
import { displayWidth } from '../text-table.ts';
import { type PointRow, valueIn } from './point-table.ts';
import type { UiData, UiState } from './state.ts';

export const STATUS_COLOUR: { readonly [status in StepState['status']]: Colour | undefined } = {
  planned: undefined,
  running: 'green',
  reused: 'cyan',
  finished: 'green',
  failed: 'red',
  skipped: 'yellow',
};

/** Rows that are measured for a column's width: a column may grow as one moves, but a repaint stays quick. */
const MOST_WIDTH = 28;

/** The table of points: a window of rows, and of columns around the chosen one. */
export function drawPoints(
  state: UiState,
  data: UiData,
  { columns, rows }: { columns: number; rows: number },
): Line[] {
  if (!data.table)
    return data.loading
      ? [plain(' reading the run …', { dim: true })]
      : [plain(' nothing is known of this run yet')];
  const shownRows = rows - 1;
  const from = Math.max(0, Math.min(state.cursor - Math.floor(shownRows / 2), data.rows.length - shownRows));
  const window = data.rows.slice(from, from + shownRows);
  const layout = layOut(state, { data, window, columns });
  const { sort } = state.table;
  const title: Span[] = [{ text: '    ' }];
  for (const { name, width, right, chosen } of layout) {
    const mark = sort?.column === name ? (sort.descending ? ' v' : ' ^') : '';
    title.push({
      text: fitText(shortName(name, data.columns) + mark, width, right ? 'right' : 'left'),
      style: { bold: true, inverse: chosen },
    });
    title.push({ text: '  ' });
  }
  if (data.rows.length === 0)
    return [title, plain(state.table.filter ? ' no point passes the filter' : ' no points')];
  return [
    title,
    ...window.map((row, at): Line => {
      const here = from + at === state.cursor;
      const marked = state.marked.includes(row.key);
      const style = here ? { inverse: true } : undefined;
      return [
        { text: here ? '>' : ' ', style },
        { text: marked ? '*' : ' ', style: marked ? { ...style, fg: 'yellow', bold: true } : style },
        { text: data.look.symbols[row.status], style: { ...style, fg: STATUS_COLOUR[row.status] } },
        { text: ' ', style },
        ...layout.map(({ name, width, right }): Span => {
          const text = cellText(valueIn(row, name));
          return { text: `${fitText(text, width, right ? 'right' : 'left')}  `, style };
        }),
      ];
    }),
  ];
}

interface LaidColumn {
  readonly name: string;
  readonly width: number;
  readonly right: boolean;
  readonly chosen: boolean;
}

/** As many columns as fit, from the first unless the chosen one lies beyond. */
function layOut(
  state: UiState,
  { data, window, columns }: { data: UiData; window: readonly PointRow[]; columns: number },
): LaidColumn[] {
  const all = data.columns.map((name, at): LaidColumn => {
    const texts = window.map((row) => cellText(valueIn(row, name)));
    const width = Math.min(
      MOST_WIDTH,
      Math.max(displayWidth(shortName(name, data.columns)) + 2, ...texts.map(displayWidth)),
    );
    const right = window.every((row) => typeof (valueIn(row, name) ?? 0) === 'number');
    return { name, width, right, chosen: at === state.column };
  });
  const fits = (from: number) => {
    let left = columns - 4;
    const shown: LaidColumn[] = [];
    for (const column of all.slice(from)) {
      if (column.width + 2 > left && shown.length > 0) break;
      shown.push(column);
      left -= column.width + 2;
    }
    return shown;
  };
  for (let from = 0; ; from++) {
    const shown = fits(from);
    if (from >= state.column || shown.some(({ chosen }) => chosen)) return shown;
  }
}

export function cellText(value: Json | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A metric without its step's name where no other column ends alike. */
export function shortName(name: string, columns: readonly string[]): string {
  const short = name.slice(name.indexOf('.') + 1);
  return columns.filter((one) => one === short || one.endsWith(`.${short}`)).length === 1 ? short : name;
}

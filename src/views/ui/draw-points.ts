import { type Colour, fitMiddle, fitText, type Line, plain, type Span } from '../cells.ts';
import { axisText } from '../compare/axis-text.ts';
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
/** Of a title that is cut so much must be left to know the column by. */
const LEAST_TITLE = 14;

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
      text: titleText(shortName(name, data.columns) + mark, width, right),
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
          const text = cellText(row, name);
          return { text: `${fitText(text, width, right ? 'right' : 'left')}  `, style };
        }),
      ];
    }),
  ];
}

interface LaidColumn {
  readonly name: string;
  readonly width: number;
  /** What the values take. */
  readonly needed: number;
  readonly right: boolean;
  readonly chosen: boolean;
}

/** As many columns as fit, from the first unless the chosen one lies beyond. */
function layOut(
  state: UiState,
  { data, window, columns }: { data: UiData; window: readonly PointRow[]; columns: number },
): LaidColumn[] {
  const all = data.columns.map((name, at): LaidColumn => {
    const needed = Math.max(1, ...window.map((row) => displayWidth(cellText(row, name))));
    const title = displayWidth(shortName(name, data.columns)) + 2;
    const width = Math.min(MOST_WIDTH, Math.max(title, needed));
    const right = window.every((row) => typeof (valueIn(row, name) ?? 0) === 'number');
    return { name, width, needed, right, chosen: at === state.column };
  });
  const fits = (from: number) => {
    let left = columns - 4;
    const shown: LaidColumn[] = [];
    for (const column of all.slice(from)) {
      // The last one may lose of its title, not of its values.
      const width = Math.min(column.width, left - 2);
      if (width < Math.max(LEAST_TITLE, column.needed) && width < column.width && shown.length > 0) break;
      shown.push({ ...column, width: Math.max(1, width) });
      left -= width + 2;
    }
    return shown;
  };
  for (let from = 0; ; from++) {
    const shown = fits(from);
    if (from >= state.column || shown.some(({ chosen }) => chosen)) return shown;
  }
}

function titleText(title: string, width: number, right: boolean): string {
  return displayWidth(title) > width
    ? fitMiddle(title, width)
    : fitText(title, width, right ? 'right' : 'left');
}

/** A metric in four digits, a parameter as it was written. */
export function cellText(row: PointRow, name: string): string {
  if (name === 'status') return row.status;
  const metric = row.metrics[name];
  return metric === undefined ? axisText(row.point[name]) : formatNumber(metric);
}

/** A metric without its step's name where no other column ends alike. */
export function shortName(name: string, columns: readonly string[]): string {
  const short = name.slice(name.indexOf('.') + 1);
  return columns.filter((one) => one === short || one.endsWith(`.${short}`)).length === 1 ? short : name;
}

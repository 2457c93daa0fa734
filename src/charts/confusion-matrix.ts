import { formatCount } from './axes.ts';
import { drawEmptyNote, drawTitle, MARGIN } from './layout.ts';
import { inkOn, sequentialColour } from './palette.ts';
import { element, group, svgDocument } from './svg.ts';
import {
  baselineShift,
  drawText,
  LABEL_SIZE,
  MUTED,
  measureText,
  NOTE_SIZE,
  TICK_SIZE,
  truncateText,
  widestText,
} from './text.ts';

export interface ConfusionMatrixInput {
  readonly title?: string;
  /** [row][column]: how many of a true class were put into a predicted one. */
  readonly counts: readonly (readonly number[])[];
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
  /** Default 'true class'. */
  readonly rowLabel?: string;
  /** Default 'predicted class'. */
  readonly columnLabel?: string;
}

const NAME_WIDTH = 120;
/** A smaller cell shows its count alone, and no zeros. */
const TWO_LINES = 44;

interface Layout {
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  readonly slanted: boolean;
}

/**
 * Counts by true and predicted class; the shade, and the percentage below a count, is the share of its
 * row. Row totals stand at the right.
 */
export function drawConfusionMatrix(input: ConfusionMatrixInput): string {
  const { title, rowLabel = 'true class', columnLabel = 'predicted class' } = input;
  const style = { size: TICK_SIZE };
  const rowNames = input.rowNames.map((name) => truncateText(name, NAME_WIDTH, style));
  const columnNames = input.columnNames.map((name) => truncateText(name, NAME_WIDTH, style));
  const cell = cellSize(Math.max(rowNames.length, columnNames.length));
  const widest = widestText(columnNames, style);
  const slanted = widest > cell - 6;
  const totals = input.counts.map(rowTotal);
  const heading = drawTitle(title, {
    x: MARGIN,
    y: MARGIN,
    width: Math.max(280, columnNames.length * cell + 100),
  });
  const layout: Layout = {
    left: MARGIN + LABEL_SIZE + 8 + widestText(rowNames, style) + 8,
    // Rotated by 45 degrees.
    top:
      MARGIN +
      heading.height +
      LABEL_SIZE +
      8 +
      (slanted ? widest * Math.SQRT1_2 + TICK_SIZE : TICK_SIZE + 4) +
      4,
    cell,
    slanted,
  };
  const width = Math.max(cell, columnNames.length * cell);
  const height = Math.max(cell, rowNames.length * cell);
  const totalsWidth = Math.max(measureText('n', style), widestText(totals.map(formatCount), style)) + 10;
  const slantRoom = slanted ? widest * Math.SQRT1_2 : 0;
  const box = { x: layout.left, y: layout.top, width, height };
  const empty = rowNames.length === 0 || columnNames.length === 0;
  return svgDocument(
    {
      width:
        Math.max(layout.left + width + Math.max(totalsWidth, slantRoom - cell / 2), heading.width + MARGIN) +
        MARGIN,
      height: layout.top + height + MARGIN,
      title: title ?? 'Confusion matrix',
      description: describe(input),
    },
    heading.svg,
    ...input.counts.flatMap((row, at) =>
      row.map((count, column) => drawCell({ count, total: totals[at], row: at, column }, layout)),
    ),
    element('rect', { ...box, fill: 'none', stroke: '#444444', 'stroke-width': 1 }),
    drawColumnNames(columnNames, layout),
    drawRowNames(rowNames, totals, { layout, right: layout.left + width }),
    drawText({
      text: columnLabel,
      x: layout.left + width / 2,
      y: MARGIN + heading.height + LABEL_SIZE,
      size: LABEL_SIZE,
      anchor: 'middle',
    }),
    drawText({
      text: rowLabel,
      x: MARGIN + LABEL_SIZE - 1,
      y: layout.top + height / 2,
      size: LABEL_SIZE,
      anchor: 'middle',
      rotation: -90,
    }),
    empty ? drawEmptyNote(box) : '',
  );
}

function cellSize(classes: number): number {
  if (classes <= 4) return 68;
  if (classes <= 10) return TWO_LINES;
  return Math.max(22, Math.floor(480 / classes));
}

function rowTotal(row: readonly number[]): number {
  return row.reduce((sum, count) => sum + (Number.isFinite(count) ? count : 0), 0);
}

interface Cell {
  readonly count: number;
  readonly total: number;
  readonly row: number;
  readonly column: number;
}

function drawCell({ count, total, row, column }: Cell, { left, top, cell }: Layout): string {
  const share = total > 0 && Number.isFinite(count) ? count / total : 0;
  const x = left + column * cell;
  const y = top + row * cell;
  const fill = sequentialColour(share);
  const square =
    share === 0
      ? ''
      : element('rect', {
          x,
          y,
          width: cell,
          height: cell,
          fill,
          stroke: '#ffffff',
          'stroke-width': 1,
        });
  const text = Number.isFinite(count) ? formatCount(count) : '–';
  const size = cell >= 60 ? LABEL_SIZE + 1 : NOTE_SIZE;
  const colour = count === 0 ? '#8a8a8a' : inkOn(fill);
  const at = { x: x + cell / 2, anchor: 'middle', colour } as const;
  const hidden = measureText(text, { size }) > cell - 2 || (count === 0 && cell < TWO_LINES);
  if (hidden) return square;
  const percents = cell >= TWO_LINES && count > 0;
  const middle = y + cell / 2 + baselineShift(size);
  const number = drawText({ ...at, text, y: middle - (percents ? cell * 0.11 : 0), size });
  if (!percents) return square + number;
  return (
    square +
    number +
    drawText({ ...at, text: formatPercent(share), y: middle + cell * 0.19, size: NOTE_SIZE - 1 })
  );
}

function formatPercent(share: number): string {
  const percent = Math.round(share * 100);
  return percent === 0 ? '<1 %' : `${percent} %`;
}

function drawColumnNames(names: readonly string[], { left, top, cell, slanted }: Layout): string {
  const drawn = names.map((text, column) => {
    const x = left + (column + 0.5) * cell;
    return slanted
      ? drawText({ text, x: x + 3, y: top - 5, rotation: -45 })
      : drawText({ text, x, y: top - 6, anchor: 'middle' });
  });
  return group({}, ...drawn);
}

function drawRowNames(
  names: readonly string[],
  totals: readonly number[],
  { layout, right }: { layout: Layout; right: number },
): string {
  const drawn = names.map((text, row) => {
    const y = layout.top + (row + 0.5) * layout.cell + baselineShift(TICK_SIZE);
    const total = drawText({ text: formatCount(totals[row] ?? 0), x: right + 8, y, colour: MUTED });
    return drawText({ text, x: layout.left - 7, y, anchor: 'end' }) + total;
  });
  const head = drawText({ text: 'n', x: right + 8, y: layout.top - 6, colour: MUTED, italic: true });
  return group({}, ...drawn, layout.slanted ? '' : head);
}

function describe({ counts, rowNames, columnNames }: ConfusionMatrixInput): string {
  const rows = rowNames.map((name, row) => {
    const cells = columnNames.map((column, at) => `${column} ${counts[row]?.[at] ?? 0}`);
    return `${name}: ${cells.join(', ')}`;
  });
  const bad = counts.flat().filter((count) => !Number.isFinite(count)).length;
  const omitted = bad > 0 ? ` ${bad} cells are not numbers.` : '';
  return `Counts by true (rows) and predicted class. ${rows.join('; ') || 'No classes'}.${omitted}`;
}

import { drawMarkers } from './markers.ts';
import type { Appearance } from './palette.ts';
import { element, group } from './svg.ts';
import {
  baselineShift,
  drawText,
  INK,
  MUTED,
  measureText,
  TICK_SIZE,
  TITLE_SIZE,
  truncateText,
  widestText,
  wrapText,
} from './text.ts';

/** Space around a whole picture, px. */
export const MARGIN = 12;
const TITLE_LINE = 17;
const LEGEND_ROW = 18;
const LEGEND_GAP = 18;
const SWATCH_WIDTH = 26;

/** A drawn piece and the room it takes, px. */
export interface Piece {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** An optional title, wrapped to the width; of height 0 where there is none. */
export function drawTitle(title: string | undefined, at: { x: number; y: number; width: number }): Piece {
  if (title === undefined || title.trim() === '') return { svg: '', width: 0, height: 0 };
  const style = { size: TITLE_SIZE, bold: true };
  const lines = wrapText(title, at.width, style);
  const svg = lines
    .map((text, row) => drawText({ ...style, text, x: at.x, y: at.y + 12 + row * TITLE_LINE }))
    .join('');
  return { svg, width: widestText(lines, style), height: lines.length * TITLE_LINE + 8 };
}

export interface LegendEntry {
  readonly name: string;
  readonly appearance: Appearance;
  /** What stands in the picture: a line, a marker, both, or a filled square. */
  readonly mark: 'line' | 'marker' | 'line-and-marker' | 'patch';
  readonly hollow?: boolean;
  /** Right-aligned after the name; only in columns. */
  readonly count?: string;
}

/** Entries side by side, in as many rows as the width asks for. */
export function drawRowLegend(
  entries: readonly LegendEntry[],
  at: { x: number; y: number; width: number },
): Piece {
  let x = 0;
  let row = 0;
  let widest = 0;
  const style = { size: TICK_SIZE };
  const drawn = entries.map((entry) => {
    const name = truncateText(entry.name, at.width - SWATCH_WIDTH - 6, style);
    const width = SWATCH_WIDTH + 6 + measureText(name, style);
    if (x > 0 && x + width > at.width) {
      x = 0;
      row++;
    }
    const svg = drawEntry({ ...entry, name }, at.x + x, at.y + row * LEGEND_ROW);
    x += width + LEGEND_GAP;
    widest = Math.max(widest, x - LEGEND_GAP);
    return svg;
  });
  const height = entries.length === 0 ? 0 : (row + 1) * LEGEND_ROW;
  return { svg: group({}, ...drawn), width: widest, height };
}

/** Entries below each other, counts aligned at the right; further columns where the height is used up. */
export function drawColumnLegend(
  entries: readonly LegendEntry[],
  at: { x: number; y: number; height: number; nameWidth?: number; swatchWidth?: number },
): Piece {
  const style = { size: TICK_SIZE };
  const swatch = at.swatchWidth ?? 14;
  const rows = Math.max(1, Math.floor(at.height / LEGEND_ROW));
  const columns = Math.ceil(entries.length / rows);
  const names = entries.map(({ name }) => truncateText(name, at.nameWidth ?? 150, style));
  const nameWidth = widestText(names, style);
  const countWidth = widestText(
    entries.map(({ count }) => count ?? ''),
    style,
  );
  const columnWidth = swatch + 6 + nameWidth + (countWidth > 0 ? 12 + countWidth : 0);
  const drawn = entries.map((entry, index) => {
    const x = at.x + Math.floor(index / rows) * (columnWidth + LEGEND_GAP);
    const y = at.y + (index % rows) * LEGEND_ROW;
    const count = entry.count
      ? drawText({
          text: entry.count,
          x: x + columnWidth,
          y: y + LEGEND_ROW / 2 + baselineShift(TICK_SIZE),
          anchor: 'end',
          colour: MUTED,
        })
      : '';
    return drawEntry({ ...entry, name: names[index] }, x, y, swatch) + count;
  });
  return {
    svg: group({}, ...drawn),
    width: columns === 0 ? 0 : columns * columnWidth + (columns - 1) * LEGEND_GAP,
    height: Math.min(rows, entries.length) * LEGEND_ROW,
  };
}

function drawEntry(entry: LegendEntry, x: number, y: number, swatch = SWATCH_WIDTH): string {
  const middle = y + LEGEND_ROW / 2;
  const { colour, dash, shape } = entry.appearance;
  const parts: string[] = [];
  if (entry.mark === 'patch') {
    parts.push(element('rect', { x, y: middle - 5, width: swatch, height: 10, fill: colour }));
  }
  if (entry.mark.startsWith('line')) {
    const d = `M${x} ${middle}h${swatch}`;
    parts.push(
      element('path', { d, stroke: colour, 'stroke-width': 1.6, 'stroke-dasharray': dash, fill: 'none' }),
    );
  }
  if (entry.mark.endsWith('marker')) {
    parts.push(drawMarkers([[x + swatch / 2, middle]], { shape, colour, radius: 3.6, hollow: entry.hollow }));
  }
  const text = drawText({
    text: entry.name,
    x: x + swatch + 6,
    y: middle + baselineShift(TICK_SIZE),
    colour: INK,
  });
  return parts.join('') + text;
}

/** What stands in the middle of a chart that has nothing to show. */
export function drawEmptyNote(
  box: { x: number; y: number; width: number; height: number },
  text = 'no data',
): string {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 + baselineShift(TICK_SIZE) };
  return drawText({ text, ...middle, anchor: 'middle', colour: MUTED, italic: true });
}

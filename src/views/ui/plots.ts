import { type Colour, fitText, type Line, type Look, plain, type Span } from '../cells.ts';
import { formatNumber } from '../format.ts';

/** Okabe and Ito's colours, light enough for a dark ground, as in charts/palette. */
const CLASSES: readonly Colour[] = [
  [86, 180, 233],
  [230, 120, 40],
  [0, 190, 140],
  [220, 140, 190],
  [240, 200, 60],
  [150, 150, 255],
];
export const classColour = (index: number): Colour => CLASSES[index % CLASSES.length];
/** Told apart without colour: one character a class. */
const MARKS = 'ox+*#@%&';
export const classMark = (index: number) => MARKS[index % MARKS.length];

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Bits of the eight dots of a braille character, by row and column (Unicode 2800). */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** Dots of several classes: braille in colour; marks, one a cell, where colour or Unicode is missing. */
class Canvas {
  readonly #braille: boolean;
  readonly #cells: { bits: number; readonly counts: Map<number, number> }[];

  /** @param sparse few dots are better seen as marks, one a cell */
  constructor(
    readonly size: Size,
    look: Look,
    sparse = false,
  ) {
    this.#braille = look.unicode && look.depth !== 'none' && !sparse;
    this.#cells = Array.from({ length: size.columns * size.rows }, () => ({ bits: 0, counts: new Map() }));
  }

  /** @param x in 0 … 1 from the left. @param y in 0 … 1 from the bottom. */
  dot(x: number, y: number, group: number): void {
    if (!Number.isFinite(x + y)) return;
    const { columns, rows } = this.size;
    const column = Math.min(columns * 2 - 1, Math.max(0, Math.round(x * (columns * 2 - 1))));
    const row = Math.min(rows * 4 - 1, Math.max(0, Math.round((1 - y) * (rows * 4 - 1))));
    const cell = this.#cells[(row >> 2) * columns + (column >> 1)];
    cell.bits |= DOTS[row & 3][column & 1];
    cell.counts.set(group, (cell.counts.get(group) ?? 0) + 1);
  }

  /** Dots one above the other, from where a curve was to where it is. */
  rise(x: number, { from, to }: { from: number; to: number }, group: number): void {
    const height = this.size.rows * 4 - 1;
    const dots = Math.max(1, Math.abs(Math.round(to * height) - Math.round(from * height)));
    for (let dot = 1; dot <= dots; dot++) this.dot(x, from + ((to - from) * dot) / dots, group);
  }

  /** A cell shows the class with most dots in it. */
  lines(): Line[] {
    return Array.from({ length: this.size.rows }, (_, row) =>
      Array.from({ length: this.size.columns }, (_, column): Span => {
        const { bits, counts } = this.#cells[row * this.size.columns + column];
        if (bits === 0) return { text: ' ' };
        const [group] = [...counts].sort((a, b) => b[1] - a[1])[0];
        return this.#braille
          ? { text: String.fromCharCode(0x2800 + bits), style: { fg: classColour(group) } }
          : { text: classMark(group), style: { fg: classColour(group) } };
      }),
    );
  }
}

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

const AXIS = 11;
/** Where an item has so many cells for itself, a braille dot would be lost in them. */
const SPARSE_CELLS = 12;

/** Curves over 1 … n with the range on the left and a legend below. */
export function plotCurves(series: readonly Series[], size: Size, look: Look): Line[] {
  const all = series.flatMap(({ values }) => values).filter(Number.isFinite);
  const rows = size.rows - 2;
  const columns = size.columns - AXIS;
  if (all.length === 0) return [plain('no values yet', { dim: true })];
  if (rows < 2 || columns < 8) return [plain('too small for a curve', { dim: true })];
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  const canvas = new Canvas({ columns, rows }, look);
  const length = Math.max(...series.map(({ values }) => values.length));
  series.forEach(({ values }, group) => {
    const steps = columns * 2;
    let before: number | null = null;
    for (let step = 0; step < steps; step++) {
      const at = (step / (steps - 1)) * (length - 1);
      const [from, to] = [values[Math.floor(at)], values[Math.ceil(at)]];
      if (from === undefined || to === undefined) continue;
      const value = from + (to - from) * (at - Math.floor(at));
      const y = high > low ? (value - low) / (high - low) : 0.5;
      canvas.rise(step / (steps - 1), { from: before ?? y, to: y }, group);
      before = Number.isFinite(y) ? y : null;
    }
  });
  const lines = canvas.lines().map((line, row): Line => {
    const label = row === 0 ? formatNumber(high) : row === rows - 1 ? formatNumber(low) : '';
    return [
      { text: `${fitText(label, AXIS - 2, 'right')} ${look.unicode ? '│' : '|'}`, style: { dim: true } },
      ...line,
    ];
  });
  const end = String(length);
  const foot = `${' '.repeat(AXIS)}1${' '.repeat(Math.max(1, columns - 1 - end.length))}${end}`;
  return [
    ...lines,
    plain(foot, { dim: true }),
    legend(series.map(({ name, values }) => `${name} ${formatNumber(values.at(-1) ?? Number.NaN)}`)),
  ];
}

export function legend(names: readonly string[]): Line {
  return names.flatMap((name, index): Span[] => [
    { text: ` ${classMark(index)}`, style: { fg: classColour(index), bold: true } },
    { text: ` ${name} ` },
  ]);
}

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly group: number;
}

/** Places of items by class, in their own range, with a legend below. */
export function plotScatter(
  points: readonly ScatterPoint[],
  names: readonly string[],
  size: Size,
  look: Look,
): Line[] {
  const rows = size.rows - 1;
  if (points.length === 0) return [plain('no items', { dim: true })];
  if (rows < 2 || size.columns < 8) return [plain('too small for a scatter', { dim: true })];
  const range = (values: number[]) => {
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    return (value: number) => (high > low ? (value - low) / (high - low) : 0.5);
  };
  const [toX, toY] = [range(points.map(({ x }) => x)), range(points.map(({ y }) => y))];
  const sparse = points.length * SPARSE_CELLS < size.columns * rows;
  const canvas = new Canvas({ columns: size.columns, rows }, look, sparse);
  for (const { x, y, group } of points) canvas.dot(toX(x), toY(y), group);
  return [...canvas.lines(), legend(names)];
}

export interface Grey {
  /** [height, width] row-major, 0 … 255. */
  readonly pixels: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}

const RAMP = ' .:-=+*#%@';

/** A picture of `columns` × `rows` cells: two pixels a cell as upper half-blocks; shades of characters without colours. */
export function drawPicture(image: Grey, { columns, rows }: Size, look: Look): Line[] {
  const blocks = look.unicode && look.depth !== 'none' && look.depth !== '16';
  const height = blocks ? rows * 2 : rows;
  const at = (column: number, row: number) => meanOf(image, { column, row, columns, rows: height });
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column): Span => {
      if (!blocks) return { text: RAMP[Math.min(9, Math.floor(at(column, row) / 25.6))] };
      const [upper, lower] = [at(column, row * 2), at(column, row * 2 + 1)];
      return { text: '▀', style: { fg: [upper, upper, upper], bg: [lower, lower, lower] } };
    }),
  );
}

/** Mean of the pixels that a cell covers. */
function meanOf(
  { pixels, height, width }: Grey,
  cell: { column: number; row: number; columns: number; rows: number },
): number {
  const x0 = Math.floor((cell.column * width) / cell.columns);
  const x1 = Math.max(x0 + 1, Math.floor(((cell.column + 1) * width) / cell.columns));
  const y0 = Math.floor((cell.row * height) / cell.rows);
  const y1 = Math.max(y0 + 1, Math.floor(((cell.row + 1) * height) / cell.rows));
  let sum = 0;
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += pixels[y * width + x];
  return Math.round(sum / ((y1 - y0) * (x1 - x0)));
}

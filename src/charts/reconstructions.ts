import { alignedQuantities, formatCount, formatQuantity } from './axes.ts';
import { commonCell, countNonFinite, drawGreyImage, type GreyImage } from './grey-image.ts';
import { drawEmptyNote, drawTitle, MARGIN } from './layout.ts';
import { group, svgDocument } from './svg.ts';
import {
  baselineShift,
  drawText,
  LABEL_SIZE,
  MUTED,
  NOTE_SIZE,
  TICK_SIZE,
  truncateText,
  widestText,
} from './text.ts';

export interface ReconstructionPair {
  readonly original: GreyImage;
  readonly reconstruction: GreyImage;
  /** Mean squared error over the pixels, in the units of the data. */
  readonly mse: number;
}

export interface ReconstructionsInput {
  readonly title?: string;
  /** A block of two rows each: originals above, their reconstructions below. */
  readonly groups: readonly { readonly name: string; readonly pairs: readonly ReconstructionPair[] }[];
  /** The larger side of a picture, px. Default 96. */
  readonly cell?: number;
}

const GAP = 4;
const PAIR_GAP = 2;
const ERROR_LINE = 15;
const BLOCK_GAP = 12;
const NAME_WIDTH = 120;
const ROLES = ['original', 'reconstruction'] as const;

/** Originals over their reconstructions with the error of each pair, a block for each group (Figures 3.5, 3.8). */
export function drawReconstructions(input: ReconstructionsInput): string {
  const { groups, cell: side = 96, title } = input;
  const cell = commonCell(imagesOf(input), side);
  const columns = Math.max(1, ...groups.map(({ pairs }) => pairs.length));
  const names = groups.map(({ name }) => truncateText(name, NAME_WIDTH, { size: LABEL_SIZE, bold: true }));
  const nameWidth = widestText(names, { size: LABEL_SIZE, bold: true });
  const left = MARGIN + Math.max(nameWidth, widestText([...ROLES], { size: TICK_SIZE })) + 10;
  const width = columns * (cell.width + GAP) - GAP;
  const block = 2 * cell.height + PAIR_GAP + ERROR_LINE;
  const heading = drawTitle(title, { x: MARGIN, y: MARGIN, width: left - MARGIN + width });
  const top = MARGIN + heading.height;
  const write = alignedQuantities(groups.flatMap(({ pairs }) => pairs.map(({ mse }) => mse)));
  const blocks = groups.map(({ pairs }, index) => {
    const y = top + index * (block + BLOCK_GAP);
    const drawn = pairs.map((pair, column) =>
      drawPair(pair, { x: left + column * (cell.width + GAP), y, cell }, write),
    );
    const content =
      drawn.join('') || drawEmptyNote({ x: left, y, width, height: 2 * cell.height }, 'no images');
    return group({}, drawRowNames(names[index], { x: left - 10, y, cell }), content);
  });
  const height = Math.max(1, groups.length) * (block + BLOCK_GAP) - BLOCK_GAP;
  const empty = groups.length === 0 ? drawEmptyNote({ x: left, y: top, width, height }) : '';
  return svgDocument(
    {
      width: left + width + MARGIN,
      height: top + height + MARGIN - 4,
      title: title ?? 'Reconstructions',
      description: describe(input),
    },
    heading.svg,
    ...blocks,
    empty,
  );
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly cell: { readonly width: number; readonly height: number };
}

function drawPair(
  { original, reconstruction, mse }: ReconstructionPair,
  { x, y, cell }: Place,
  write: (value: number) => string,
): string {
  const below = y + cell.height + PAIR_GAP;
  return [
    drawGreyImage(original, { x, y, ...cell }),
    drawGreyImage(reconstruction, { x, y: below, ...cell }),
    drawText({
      text: write(mse),
      x: x + cell.width / 2,
      y: below + cell.height + ERROR_LINE - 3,
      size: NOTE_SIZE,
      anchor: 'middle',
    }),
  ].join('');
}

/** Right-aligned at the left of a block: the group above 'original', then 'reconstruction' and 'MSE'. */
function drawRowNames(name: string, { x, y, cell }: Place): string {
  const first = y + cell.height / 2 + baselineShift(TICK_SIZE);
  const at = { x, anchor: 'end' } as const;
  return [
    drawText({ ...at, text: name, y: first - 9, size: LABEL_SIZE, bold: true }),
    drawText({ ...at, text: ROLES[0], y: first + 9, colour: MUTED }),
    drawText({ ...at, text: ROLES[1], y: first + cell.height + PAIR_GAP, colour: MUTED }),
    drawText({
      ...at,
      text: 'MSE',
      y: y + 2 * cell.height + PAIR_GAP + ERROR_LINE - 3,
      size: NOTE_SIZE,
      colour: MUTED,
    }),
  ].join('');
}

function describe(input: ReconstructionsInput): string {
  const rows = input.groups.map(({ name, pairs }) => {
    const errors = pairs.map(({ mse }) => formatQuantity(mse)).join(', ');
    return `${name}: mean squared errors ${errors || 'none'}`;
  });
  const bad = countNonFinite(imagesOf(input));
  const note = bad > 0 ? ` ${formatCount(bad)} pixels are not numbers and drawn black.` : '';
  return `Originals above their reconstructions, by group. ${rows.join('; ')}.${note}`;
}

function imagesOf({ groups }: ReconstructionsInput): GreyImage[] {
  return groups.flatMap(({ pairs }) => pairs.flatMap((pair) => [pair.original, pair.reconstruction]));
}

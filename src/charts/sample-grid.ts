import { formatCount } from './axes.ts';
import { commonCell, countNonFinite, drawGreyImage, type GreyImage } from './grey-image.ts';
import { drawEmptyNote, drawTitle, MARGIN } from './layout.ts';
import { svgDocument } from './svg.ts';
import { baselineShift, drawText, LABEL_SIZE, truncateText, widestText } from './text.ts';

export interface SampleGridInput {
  readonly title?: string;
  /** One row each: CT, MRI, PET. */
  readonly groups: readonly { readonly name: string; readonly images: readonly GreyImage[] }[];
  /** The larger side of a picture, px. Default 96. */
  readonly cell?: number;
}

const GAP = 4;
const NAME_WIDTH = 120;

/** Example pictures, a row for each group (Figure 3.1 of the study). */
export function drawSampleGrid(input: SampleGridInput): string {
  const { groups, cell: side = 96, title } = input;
  const cell = commonCell(
    groups.flatMap(({ images }) => images),
    side,
  );
  const columns = Math.max(1, ...groups.map(({ images }) => images.length));
  const names = groups.map(({ name }) => truncateText(name, NAME_WIDTH, { size: LABEL_SIZE }));
  const left = MARGIN + widestText(names, { size: LABEL_SIZE }) + (names.length > 0 ? 10 : 0);
  const width = columns * (cell.width + GAP) - GAP;
  const heading = drawTitle(title, { x: MARGIN, y: MARGIN, width: left - MARGIN + width });
  const top = MARGIN + heading.height;
  const height = Math.max(1, groups.length) * (cell.height + GAP) - GAP;
  const rows = groups.map(({ images }, row) => {
    const y = top + row * (cell.height + GAP);
    const name = drawText({
      text: names[row],
      x: left - 10,
      y: y + cell.height / 2 + baselineShift(LABEL_SIZE),
      size: LABEL_SIZE,
      anchor: 'end',
    });
    const pictures = images.map((image, column) =>
      drawGreyImage(image, { x: left + column * (cell.width + GAP), y, ...cell }),
    );
    return (
      name + (pictures.join('') || drawEmptyNote({ x: left, y, width, height: cell.height }, 'no images'))
    );
  });
  const empty = groups.length === 0 ? drawEmptyNote({ x: left, y: top, width, height }) : '';
  return svgDocument(
    {
      width: left + width + MARGIN,
      height: top + height + MARGIN,
      title: title ?? 'Sample images',
      description: describe(input),
    },
    heading.svg,
    ...rows,
    empty,
  );
}

function describe({ groups }: SampleGridInput): string {
  const rows = groups.map(({ name, images }) => `${name}: ${images.length}`).join(', ');
  const bad = countNonFinite(groups.flatMap(({ images }) => images));
  const note = bad > 0 ? ` ${formatCount(bad)} pixels are not numbers and drawn black.` : '';
  return `Example images in rows by group (${rows || 'none'}).${note}`;
}

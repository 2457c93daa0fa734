import { fail } from '../../core/failure.ts';
import type { StageContext } from '../../core/stage.ts';
import { readIdxImages, readIdxLabels } from '../../formats/idx.ts';
import type { Parameters } from './declaration.ts';
import type { Intake, TakenItem } from './intake.ts';

interface Part {
  /** Parameters that name the files. */
  readonly images: 'images' | 'testImages';
  readonly labels: 'labels' | 'testLabels';
  readonly offset: number;
  readonly limit: number | undefined;
  /** What the column `split` says. */
  readonly split: 'train' | 'test';
}

/** Pictures of MNIST and its kin; with a second pair of files, the column `split` tells them apart. */
export async function takeIdx(context: StageContext<Parameters>): Promise<Intake> {
  const { params } = context;
  const hasTest = params.testImages !== undefined;
  if (hasTest && (params.labels === undefined) !== (params.testLabels === undefined)) {
    const [given, lacking] = params.labels ? ['labels', 'testLabels'] : ['testLabels', 'labels'];
    fail('bad-parameter', `${lacking}: expected a file of classes, because ${given} has one`);
  }
  if (!hasTest && (params.testLabels !== undefined || params.testLimit !== undefined)) {
    fail(
      'bad-parameter',
      'testImages: expected a file of pictures, because testLabels or testLimit is given',
    );
  }
  const { offset, limit } = params;
  const parts: Part[] = [{ images: 'images', labels: 'labels', offset, limit, split: 'train' }];
  if (hasTest) {
    parts.push({
      images: 'testImages',
      labels: 'testLabels',
      offset: 0,
      limit: params.testLimit,
      split: 'test',
    });
  }
  const items: TakenItem[] = [];
  for (const part of parts) items.push(...(await takePart(context, part, hasTest)));
  return { items, skipped: [], notes: [] };
}

async function takePart(
  { params, source }: StageContext<Parameters>,
  part: Part,
  hasTest: boolean,
): Promise<TakenItem[]> {
  const { pixels, count, height, width } = readIdxImages(await source(part.images).read(''), part.images);
  const labels =
    params[part.labels] === undefined ? null : readIdxLabels(await source(part.labels).read(''), part.labels);
  if (labels && labels.length !== count)
    fail('bad-input', `${part.labels}: ${labels.length} classes for the ${count} pictures of ${part.images}`);
  const end = part.limit === undefined ? count : part.offset + part.limit;
  if (part.offset >= count || end > count)
    fail(
      'bad-parameter',
      `${part.images}: there are ${count} pictures, and ${part.offset} to ${end} are asked for`,
    );
  return Array.from({ length: end - part.offset }, (_, index): TakenItem => {
    const at = part.offset + index;
    return {
      pixels: pixels.slice(at * height * width, (at + 1) * height * width),
      height,
      width,
      maxValue: 255,
      spacing: null,
      source: `${part.images}[${at}]`,
      subject: null,
      label: labels ? String(labels[at]) : null,
      columns: hasTest ? { split: part.split } : {},
    };
  });
}

import type { GreyImage } from '../../charts/grey-image.ts';
import { drawReconstructions } from '../../charts/reconstructions.ts';
import { drawSampleGrid } from '../../charts/sample-grid.ts';
import { byCodeUnit } from '../../core/json.ts';
import type { StageContext } from '../../core/stage.ts';
import { readDataset } from '../../formats/dataset.ts';
import { type Model, readModel } from '../../formats/model.ts';
import { joinById, readLabels } from '../../formats/tables.ts';
import type { Parameters } from './declaration.ts';
import type { Drawing } from './drawing.ts';

/** Images as they go into the network, and as they come out. */
export async function drawImages(context: StageContext<Parameters>): Promise<Drawing[]> {
  const folder = context.optionalInput('dataset');
  if (folder === null) return [];
  const shown = await readShown(context, folder);
  if (shown.groups.length === 0) {
    context.note(`no pictures: there is no image in ${context.params.split}`);
    return [];
  }
  const samples = shown.groups.map(({ name, rows }) => ({
    name,
    images: spread(rows, context.params.samples).map((row) => toGrey(shown, pixelsOf(shown, row))),
  }));
  const grid = { name: 'samples', svg: drawSampleGrid({ groups: samples }) };
  const modelFolder = context.optionalInput('model');
  const model = modelFolder === null ? null : await readModel(modelFolder);
  if (!model) return [grid];
  if (model.network.decoder.length > 0) return [grid, await drawPairs(context, model, shown)];
  context.note('no reconstructions: the model has no decoder');
  return [grid];
}

/** One split, its rows by class. */
interface Shown {
  readonly images: Float32Array;
  readonly height: number;
  readonly width: number;
  /** Added again to what is shown. */
  readonly mean: number;
  /** What is black and what is white: 0 and 1, or more where values lie outside. */
  readonly range: readonly [number, number];
  readonly groups: readonly { readonly name: string; readonly rows: readonly number[] }[];
}

async function readShown(
  { params, optionalInput }: StageContext<Parameters>,
  folder: string,
): Promise<Shown> {
  const { split } = params;
  const { splits, height, width, mean } = await readDataset(folder, [split]);
  const { images, ids, subjects } = splits[split];
  const labelsFolder = optionalInput('labels');
  const labels = labelsFolder === null ? null : joinById(ids, await readLabels(labelsFolder), 'labels.csv');
  const classes = labels ? [...new Set(labels)].sort(byCodeUnit) : ids.length > 0 ? [''] : [];
  // By subject, so that an even choice among them shows many.
  const order = ids
    .map((_, row) => row)
    .sort((a, b) => byCodeUnit(subjects[a] ?? '', subjects[b] ?? '') || a - b);
  const groups = classes.map((name) => ({
    name,
    rows: order.filter((row) => !labels || labels[row] === name),
  }));
  let [low, high] = [0, 1];
  for (const value of images) {
    low = Math.min(low, value + mean[split]);
    high = Math.max(high, value + mean[split]);
  }
  return { images, height, width, mean: mean[split], range: [low, high], groups };
}

/** So many of the rows, at even distances. */
function spread(rows: readonly number[], count: number): number[] {
  const taken = Math.min(count, rows.length);
  return Array.from({ length: taken }, (_, index) => rows[Math.floor(((index + 0.5) * rows.length) / taken)]);
}

function pixelsOf({ images, height, width }: Shown, row: number): Float32Array {
  return images.subarray(row * height * width, (row + 1) * height * width);
}

function toGrey({ height, width, mean, range: [low, high] }: Shown, pixels: Float32Array): GreyImage {
  return { pixels: pixels.map((value) => (value + mean - low) / (high - low)), height, width };
}

async function drawPairs(context: StageContext<Parameters>, model: Model, shown: Shown): Promise<Drawing> {
  const engine = await context.engine();
  const trainable = await engine.createTrainable(model.network, { weights: model.weights });
  try {
    const groups = [];
    for (const { name, rows } of shown.groups) {
      const chosen = spread(rows, context.params.reconstructions);
      const batch = { images: shown.images, rows: Uint32Array.from(chosen) };
      const reconstructions = await trainable.reconstruct(batch);
      const errors = await trainable.reconstructionErrors(batch);
      const size = shown.height * shown.width;
      const pairs = chosen.map((row, index) => ({
        original: toGrey(shown, pixelsOf(shown, row)),
        reconstruction: toGrey(shown, reconstructions.subarray(index * size, (index + 1) * size)),
        mse: errors[index],
      }));
      groups.push({ name, pairs });
    }
    return { name: 'reconstructions', svg: drawReconstructions({ groups }) };
  } finally {
    trainable.dispose();
  }
}

import type { Metric } from '../../core/artifact.ts';
import type { StageContext, StageRun } from '../../core/stage.ts';
import { writeArtifactFile, writeJsonFile } from '../../formats/artifact-file.ts';
import { type ClusteredModel, readClusteredModel } from '../../formats/clustering.ts';
import { writeCsv } from '../../formats/csv.ts';
import { readDataset, SPLIT_NAMES, type SplitImages, type SplitName } from '../../formats/dataset.ts';
import { allRows } from '../../formats/split-rows.ts';
import { hardAssignments, softAssignment } from '../../ml/clustering/soft-assignment.ts';
import type { Matrix } from '../../ml/matrix.ts';
import { createPause } from '../../ml/projection/pause.ts';
import { measureTrustworthiness } from '../../ml/projection/trustworthiness.ts';
import { projectTsne } from '../../ml/projection/tsne.ts';
import { fitUmap } from '../../ml/projection/umap.ts';
import { embedAll } from '../../ml/training/image-rows.ts';
import type { Parameters } from './declaration.ts';

type Context = StageContext<Parameters>;

const run: StageRun<Parameters> = async (context) => {
  const { params, out } = context;
  const { splits } = await readDataset(context.input('dataset'), SPLIT_NAMES);
  const model = await readClusteredModel(context.input('model'), context.optionalInput('centres'));
  const embedded = await embed(context, splits, model);
  const metrics: Metric[] = [];
  if (params.methods.includes('umap')) metrics.push(...(await projectByUmap(context, embedded, model)));
  if (params.methods.includes('tsne')) metrics.push(...(await projectByTsne(context, embedded)));
  await writeJsonFile(out, 'projection.json', {
    format: 1,
    umap: params.methods.includes('umap') ? { fittedOn: 'train', placed: ['val', 'test', 'centres'] } : null,
    tsne: params.methods.includes('tsne') ? { of: 'test' } : null,
  });
  return { metrics };
};

/** One split's embedding, with the cluster of each item. */
interface EmbeddedSplit {
  readonly name: SplitName;
  readonly ids: readonly string[];
  readonly embedding: Matrix;
  readonly clusters: Uint32Array;
}

async function embed(
  context: Context,
  splits: { readonly [split in SplitName]: SplitImages },
  model: ClusteredModel,
): Promise<EmbeddedSplit[]> {
  const engine = await context.engine();
  const trainable = await engine.createTrainable(model.network, { weights: model.weights });
  try {
    const embedded: EmbeddedSplit[] = [];
    for (const name of SPLIT_NAMES) {
      if (splits[name].ids.length === 0) continue;
      const embedding = await embedAll(trainable, allRows(splits[name]), context.signal);
      const memberships = softAssignment(embedding, centresOf(model), model.alpha);
      embedded.push({ name, ids: splits[name].ids, embedding, clusters: hardAssignments(memberships) });
    }
    return embedded;
  } finally {
    trainable.dispose();
  }
}

function centresOf({ centres }: ClusteredModel): Matrix {
  return { data: centres.values, rows: centres.count, columns: centres.size };
}

/** Fitted on train alone; everything else is placed into that picture. */
async function projectByUmap(
  context: Context,
  embedded: readonly EmbeddedSplit[],
  model: ClusteredModel,
): Promise<Metric[]> {
  const { params, signal, out } = context;
  const train = embedded.find(({ name }) => name === 'train')!;
  const umap = await fitUmap(train.embedding, {
    random: context.random().fork('umap'),
    neighbours: params.neighbours,
    minDistance: params.minDist,
    onProgress: ({ epoch, epochs }) =>
      context.progress({ done: epoch, total: epochs, unit: 'UMAP epoch', values: {} }),
    signal,
  });
  for (const note of umap.notes) context.note(`UMAP: ${note}`);
  const rows: (string | number)[][] = [];
  for (const split of embedded) {
    const places = split === train ? umap.coordinates : await umap.transform(split.embedding);
    rows.push(...rowsOf(split, places));
  }
  await writeArtifactFile(out, 'umap.csv', writeCsv(COLUMNS, rows));
  const centres = await umap.transform(centresOf(model));
  const centreRows = Array.from({ length: centres.rows }, (_, cluster) => [
    cluster,
    ...place(centres, cluster),
  ]);
  await writeArtifactFile(out, 'umap-centres.csv', writeCsv(['cluster', 'x', 'y'], centreRows));
  return measureTrust(context, 'umapTrustworthiness', train, umap.coordinates);
}

/** t-SNE places no further points: it is of test alone. */
async function projectByTsne(context: Context, embedded: readonly EmbeddedSplit[]): Promise<Metric[]> {
  const { params, signal, out } = context;
  const test = embedded.find(({ name }) => name === 'test');
  if (!test) {
    context.note('t-SNE: there is no image in test');
    return [];
  }
  const tsne = await projectTsne(test.embedding, {
    random: context.random().fork('tsne'),
    perplexity: params.perplexity,
    iterations: params.iterations,
    onProgress: ({ iteration, iterations, divergence }) =>
      context.progress({
        done: iteration,
        total: iterations,
        unit: 't-SNE iteration',
        values: { divergence },
      }),
    signal,
  });
  for (const note of tsne.notes) context.note(`t-SNE: ${note}`);
  await writeArtifactFile(out, 'tsne.csv', writeCsv(COLUMNS, rowsOf(test, tsne.coordinates)));
  return measureTrust(context, 'tsneTrustworthiness', test, tsne.coordinates);
}

const COLUMNS = ['id', 'split', 'x', 'y', 'cluster'];

function rowsOf({ ids, name, clusters }: EmbeddedSplit, places: Matrix): (string | number)[][] {
  return ids.map((id, row) => [id, name, ...place(places, row), clusters[row]]);
}

function place({ data }: Matrix, row: number): [number, number] {
  return [data[2 * row], data[2 * row + 1]];
}

async function measureTrust(
  { signal }: Context,
  name: string,
  split: EmbeddedSplit,
  projected: Matrix,
): Promise<Metric[]> {
  const pause = createPause(signal);
  const value = await measureTrustworthiness({ original: split.embedding, projected, pause });
  return value === null ? [] : [{ name, split: split.name, value, better: 'higher' }];
}

export default run;

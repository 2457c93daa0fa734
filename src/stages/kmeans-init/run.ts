import type { StageContext, StageRun } from '../../core/stage.ts';
import { writeArtifactFile, writeJsonFile } from '../../formats/artifact-file.ts';
import { writeCsv } from '../../formats/csv.ts';
import { readDataset, type SplitImages } from '../../formats/dataset.ts';
import { readModel, writeCentres } from '../../formats/model.ts';
import { allRows } from '../../formats/split-rows.ts';
import { clusterSizes, kmeans } from '../../ml/kmeans.ts';
import type { Matrix } from '../../ml/matrix.ts';
import { assignToCentres } from '../../ml/nearest-centre.ts';
import { embedAll } from '../../ml/training/image-rows.ts';
import type { Parameters } from './declaration.ts';

const run: StageRun<Parameters> = async (context) => {
  const { params, out } = context;
  const { clusters: k, restarts, init: seeding } = params;
  const { splits } = await readDataset(
    context.input('dataset'),
    params.fitOn === 'all' ? ['train', 'val', 'test'] : ['train'],
  );
  const embeddings = await embed(context, Object.values<SplitImages>(splits));
  if (params.fitOn === 'all') context.note('centres were fitted on all images, val and test included');
  const found = kmeans(concatenate(embeddings), { k, seeding, restarts }, context.random());
  // As they will be read: in float32.
  const centres: Matrix = { ...found.centres, data: Float32Array.from(found.centres.data) };
  const { assignments } = assignToCentres(embeddings[0], centres);
  await writeCentres(out, { values: Float32Array.from(centres.data), count: k, size: centres.columns });
  const rows = splits.train.ids.map((id, row) => [id, assignments[row]]);
  await writeArtifactFile(out, 'assignments.csv', writeCsv(['id', 'cluster'], rows));
  await writeJsonFile(out, 'kmeans.json', {
    format: 1,
    fitOn: params.fitOn,
    inertia: found.inertia,
    iterations: found.iterations,
    converged: found.converged,
    trainSizes: clusterSizes(assignments, k),
  });
  return {
    metrics: [
      {
        name: 'inertia',
        split: params.fitOn === 'train' ? 'train' : null,
        value: found.inertia,
        better: 'neither',
      },
    ],
  };
};

/** Embeddings of the splits, train first. */
async function embed(context: StageContext<Parameters>, splits: readonly SplitImages[]): Promise<Matrix[]> {
  const { network, weights } = await readModel(context.input('model'));
  const engine = await context.engine();
  const trainable = await engine.createTrainable(network, { weights });
  try {
    const embeddings: Matrix[] = [];
    for (const split of splits) embeddings.push(await embedAll(trainable, allRows(split), context.signal));
    return embeddings;
  } finally {
    trainable.dispose();
  }
}

function concatenate(parts: readonly Matrix[]): Matrix {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const { columns } = parts[0];
  const data = new Float32Array(rows * columns);
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { data, rows, columns };
}

export default run;

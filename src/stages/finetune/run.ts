import type { Metric } from '../../core/artifact.ts';
import { fail } from '../../core/failure.ts';
import { networkShapes } from '../../core/network.ts';
import type { StageContext, StageRun } from '../../core/stage.ts';
import { ADAM } from '../../core/trainable.ts';
import { readArtifactFile, writeArtifactFile } from '../../formats/artifact-file.ts';
import { writeClustering } from '../../formats/clustering.ts';
import { columnIndex, readCsv, writeCsv } from '../../formats/csv.ts';
import { readDataset, type SplitImages } from '../../formats/dataset.ts';
import { packLoopState, unpackLoopState } from '../../formats/loop-state-file.ts';
import {
  type Centres,
  type Model,
  readCentres,
  readModel,
  writeCentres,
  writeModel,
} from '../../formats/model.ts';
import { writeNpy } from '../../formats/npy.ts';
import { allRows } from '../../formats/split-rows.ts';
import { joinById } from '../../formats/tables.ts';
import { dcec } from '../../ml/clustering/dcec.ts';
import { dec } from '../../ml/clustering/dec.ts';
import type { ClusteringMethod } from '../../ml/clustering/method.ts';
import { encoderOf } from '../../ml/models/cae.ts';
import { type FinetuneResult, finetune } from '../../ml/training/finetune.ts';
import type { UpdateRow } from '../../ml/training/finetune-request.ts';
import type { LoopCheckpoint } from '../../ml/training/loop-state.ts';
import type { Parameters } from './declaration.ts';

type Context = StageContext<Parameters>;

/** A new method is a file in ml/clustering and a line here. */
const METHODS: { readonly [name in Parameters['method']]: (params: Parameters) => ClusteringMethod } = {
  dec: ({ alpha }) => dec({ alpha }),
  dcec: ({ alpha, gamma }) => dcec({ alpha, gamma }),
};

const run: StageRun<Parameters> = async (context) => {
  const { params, out } = context;
  const { splits } = await readDataset(context.input('dataset'), ['train', 'val', 'test']);
  const centres = await readCentres(context.input('centres'));
  const method = METHODS[params.method](params);
  const model = forMethod(await readModel(context.input('model')), method);
  checkCentres(model, centres);
  const engine = await context.engine();
  const trainable = await engine.createTrainable(model.network, {
    weights: model.weights,
    adam: { ...ADAM, learningRate: params.learningRate },
  });
  try {
    const result = await finetune({
      trainable,
      method,
      centres: { data: centres.values, rows: centres.count, columns: centres.size },
      initialAssignments: await readAssignments(context.input('centres'), splits.train, centres.count),
      train: allRows(splits.train),
      otherSplits: new Map(
        (['val', 'test'] as const)
          .filter((name) => splits[name].ids.length > 0)
          .map((name) => [name, allRows(splits[name])]),
      ),
      settings: { ...params, batchSize: params.batch },
      random: context.random(),
      warn(message, fields) {
        context.log('warn', message, fields);
        context.note(`iteration ${fields.iteration}: ${message}`);
      },
      progress: context.progress,
      checkpoint: await openCheckpoint(context),
      signal: context.signal,
    });
    const { data, rows, columns } = result.centres;
    await writeModel(out, { network: model.network, weights: await trainable.weights() });
    await writeCentres(out, { values: Float32Array.from(data), count: rows, size: columns });
    await writeCourse(context, method, result);
    const metrics: Metric[] = [
      { name: 'iterations', split: null, value: result.iterations, better: 'neither' },
    ];
    if (method.reconstructionWeight > 0)
      metrics.push({ name: 'gamma', split: null, value: result.gamma, better: 'neither' });
    return { metrics };
  } finally {
    trainable.dispose();
  }
};

/** The whole autoencoder, or the encoder alone where the method has no use for the decoder. */
function forMethod(model: Model, method: ClusteringMethod): Model {
  if (method.reconstructionWeight === 0) {
    const network = encoderOf(model.network);
    const names = networkShapes(network).flatMap(({ parameters }) => parameters.map(({ name }) => name));
    return { network, weights: new Map(names.map((name) => [name, model.weights.get(name)!])) };
  }
  if (model.network.decoder.length === 0)
    fail('bad-input', `method '${method.name}' needs a model with a decoder, and this one has none`);
  return model;
}

function checkCentres({ network }: Model, { size }: Centres): void {
  const [dimensions] = networkShapes(encoderOf(network)).at(-1)!.output;
  if (dimensions !== size)
    fail('bad-input', `centres have ${size} dimensions, and the model's embedding has ${dimensions}`);
}

/** Which cluster k-means gave each train image, in the order of the train split. */
async function readAssignments(folder: string, train: SplitImages, clusters: number): Promise<Uint32Array> {
  const file = 'assignments.csv';
  const table = readCsv(await readArtifactFile(folder, file), file);
  const [idAt, clusterAt] = ['id', 'cluster'].map((name) => columnIndex(table, name, file));
  const clusterOf = new Map(table.rows.map(({ fields }) => [fields[idAt], Number(fields[clusterAt])]));
  const assignments = joinById(train.ids, clusterOf, file);
  if (assignments.some((cluster) => !Number.isInteger(cluster) || cluster < 0 || cluster >= clusters))
    fail('bad-input', `${file}: clusters must be 0 … ${clusters - 1}`);
  return Uint32Array.from(assignments);
}

async function openCheckpoint({ checkpoint }: Context): Promise<LoopCheckpoint> {
  const saved = await checkpoint.load();
  return {
    resume: saved && unpackLoopState(saved),
    due: () => checkpoint.due(),
    save: (state) => checkpoint.save(packLoopState(state)),
  };
}

/** Everything that happened on the way, and why it ended. */
async function writeCourse(
  { out, params, note }: Context,
  method: ClusteringMethod,
  result: FinetuneResult,
): Promise<void> {
  const { updates, assignments, iterations, stoppedBy, gamma } = result;
  await writeClustering(out, {
    method: method.name,
    alpha: params.alpha,
    gamma: method.reconstructionWeight === 0 ? null : gamma,
    iterations,
    stoppedBy,
  });
  await writeArtifactFile(out, 'updates.csv', writeUpdates(updates));
  for (const [split, rows] of assignments) {
    const data = Uint16Array.from(rows.flatMap((row) => Array.from(row)));
    const bytes = writeNpy({ data, shape: [rows.length, rows[0].length] });
    await writeArtifactFile(out, `assignments/${split}.npy`, bytes);
  }
  note(
    stoppedBy === 'converged'
      ? `converged after ${iterations} iterations`
      : `stopped after the ${iterations} iterations that are allowed, before clusters had settled`,
  );
}

function writeUpdates(updates: readonly UpdateRow[]): string {
  const columns = ['update', 'iteration', 'epoch', 'loss', 'reconstructionLoss', 'clusteringLoss'];
  const sizes = updates[0].clusterSizes.map((_, cluster) => `size${cluster}`);
  const rows = updates.map((row, update) => [
    update,
    row.iteration,
    row.epoch,
    row.loss,
    row.reconstructionLoss ?? '',
    row.clusteringLoss,
    row.wholeClusteringLoss,
    row.delta,
    row.deadUnits,
    ...row.clusterSizes,
  ]);
  return writeCsv([...columns, 'wholeClusteringLoss', 'delta', 'deadUnits', ...sizes], rows);
}

export default run;

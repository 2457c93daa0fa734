import { parameterCount } from '../../core/network.ts';
import type { StageContext, StageRun } from '../../core/stage.ts';
import { ADAM } from '../../core/trainable.ts';
import type { StageWorkload } from '../../core/workload.ts';
import { writeArtifactFile, writeJsonFile } from '../../formats/artifact-file.ts';
import { writeCsv } from '../../formats/csv.ts';
import { readDataset } from '../../formats/dataset.ts';
import { packLoopState, unpackLoopState } from '../../formats/loop-state-file.ts';
import { writeModel } from '../../formats/model.ts';
import { allRows } from '../../formats/split-rows.ts';
import { initialWeights } from '../../ml/initialise.ts';
import { findDeadUnits } from '../../ml/metrics/dead-units.ts';
import { caeNetwork } from '../../ml/models/cae.ts';
import { embedAll } from '../../ml/training/image-rows.ts';
import type { LoopCheckpoint } from '../../ml/training/loop-state.ts';
import { type PretrainResult, pretrain } from '../../ml/training/pretrain.ts';
import type { Parameters } from './declaration.ts';

const run: StageRun<Parameters> = async (context) => {
  const { params, signal, out } = context;
  const { splits, height, width } = await readDataset(context.input('dataset'), ['train', 'val']);
  const network = caeNetwork({ ...params, inputSize: [height, width] });
  const random = context.random();
  const engine = await context.engine();
  const trainable = await engine.createTrainable(network, {
    weights: initialWeights(network, random.fork('weights')),
    adam: { ...ADAM, learningRate: params.learningRate },
  });
  try {
    const train = allRows(splits.train);
    const result = await pretrain({
      trainable,
      train,
      val: allRows(splits.val),
      random: random.fork('batches'),
      settings: {
        batchSize: params.batch,
        maxEpochs: params.epochs,
        patience: params.patience,
        minDelta: params.minDelta,
      },
      progress: context.progress,
      checkpoint: await openCheckpoint(context),
      signal,
    });
    await writeModel(out, { network, weights: result.weights });
    const dead = findDeadUnits(await embedAll(trainable, train, signal));
    await writeReport(context, result, { parameters: parameterCount(network), deadUnits: dead });
    return {
      metrics: [
        { name: 'epochs', split: null, value: result.history.length, better: 'neither' },
        { name: 'mse', split: result.steeredBy, value: result.bestLoss, better: 'lower' },
      ],
    };
  } finally {
    trainable.dispose();
  }
};

/** What one step of the training above computes. */
export const workload: StageWorkload = (parameters, imageSize) => {
  const params = parameters as unknown as Parameters;
  return { network: caeNetwork({ ...params, inputSize: imageSize }), batch: params.batch };
};

async function openCheckpoint({ checkpoint }: StageContext<Parameters>): Promise<LoopCheckpoint> {
  const saved = await checkpoint.load();
  return {
    resume: saved && unpackLoopState(saved),
    due: () => checkpoint.due(),
    save: (state) => checkpoint.save(packLoopState(state)),
  };
}

async function writeReport(
  { out, note }: StageContext<Parameters>,
  result: PretrainResult,
  network: { readonly parameters: number; readonly deadUnits: readonly number[] },
): Promise<void> {
  const { history, bestEpoch, bestLoss, steeredBy, stoppedBy } = result;
  const rows = history.map(({ epoch, trainLoss, valLoss }) => [epoch, trainLoss, valLoss ?? '']);
  await writeArtifactFile(out, 'history.csv', writeCsv(['epoch', 'trainLoss', 'valLoss'], rows));
  await writeJsonFile(out, 'training.json', {
    format: 1,
    epochs: history.length,
    bestEpoch,
    bestLoss,
    steeredBy,
    stoppedBy,
    parameters: network.parameters,
    deadUnits: network.deadUnits,
  });
  if (steeredBy === 'train') note('there is no validation image: the train loss decided when to stop');
  if (stoppedBy === 'max-epochs')
    note(`stopped by the ${history.length} epochs that are allowed, not by patience`);
  if (network.deadUnits.length > 0)
    note(
      `${network.deadUnits.length} units of the embedding are dead: they give every train image the same value`,
    );
}

export default run;

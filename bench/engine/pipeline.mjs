// The study's protocol by clade's own functions in one process: pretraining, k-means, DEC and DCEC from
// the same start, metrics of all three on all splits.
//   node pipeline.mjs DATA-FOLDER KERNELS
import { createRandom } from '../../src/core/random.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { dcec } from '../../src/ml/clustering/dcec.ts';
import { dec } from '../../src/ml/clustering/dec.ts';
import { hardAssignments } from '../../src/ml/clustering/soft-assignment.ts';
import { kmeans } from '../../src/ml/kmeans.ts';
import { measureAccuracy } from '../../src/ml/metrics/accuracy.ts';
import { measureAri } from '../../src/ml/metrics/ari.ts';
import { measureNmi } from '../../src/ml/metrics/nmi.ts';
import { encoderOf } from '../../src/ml/models/cae.ts';
import { finetune } from '../../src/ml/training/finetune.ts';
import { FINETUNE } from '../../src/ml/training/finetune-request.ts';
import { embedAll, measureReconstruction } from '../../src/ml/training/image-rows.ts';
import { PRETRAIN, pretrain } from '../../src/ml/training/pretrain.ts';
import { encoderWeights, readArray, readJson, readNetwork } from './read-data.mjs';

const phases = {};
let markedMs = 0; // since the process began
function mark(name) {
  const nowMs = performance.now();
  phases[name] = nowMs - markedMs;
  markedMs = nowMs;
}
mark('imports');

const [folder, kernels] = process.argv.slice(2);
const protocol = readJson(folder, 'protocol.json');
const images = readArray(folder, 'study-images.f32');
const allLabels = readArray(folder, 'labels.u32', Uint32Array);
let first = 0;
const splits = Object.fromEntries(
  ['train', 'val', 'test'].map((name) => {
    const rows = Uint32Array.from({ length: protocol[name] }, (_, row) => first + row);
    first += rows.length;
    return [name, { images, rows }];
  }),
);
const { train, val, test } = splits;
const { network, weights } = readNetwork(folder, 'study');
const engine = await openEngine('wasm', { threads: 1, kernels });
mark('data');

const trainable = await engine.createTrainable(network, { weights });
const pretrained = await pretrain({
  trainable,
  train,
  val,
  random: createRandom('epochs'),
  settings: { ...PRETRAIN, batchSize: protocol.batch, maxEpochs: protocol.epochs, patience: protocol.epochs },
});
mark('pretrain');
const random = createRandom('pipeline');
const found = kmeans(await embedAll(trainable, train), { k: 3, restarts: 20 }, random);
mark('k-means');
const decResult = await tune(dec(), encoderOf(network), encoderWeights(pretrained.weights));
mark('DEC');
const dcecResult = await tune(dcec(), network, pretrained.weights);
mark('DCEC');
const metrics = [
  await score(trainable, found.centres, true),
  await score(decResult.trainable, decResult.centres, false),
  await score(dcecResult.trainable, dcecResult.centres, true),
];
mark('metrics');
const result = {
  valLoss: pretrained.bestLoss,
  inertia: found.inertia,
  decLoss: decResult.loss,
  dcecLoss: dcecResult.loss,
  metrics,
  phases,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

async function tune(method, shape, start) {
  const tuned = await engine.createTrainable(shape, { weights: start });
  const { centres, updates } = await finetune({
    trainable: tuned,
    method,
    centres: found.centres,
    initialAssignments: found.assignments,
    train,
    otherSplits: new Map([
      ['val', val],
      ['test', test],
    ]),
    // With tolerance 0 it never stops early.
    settings: {
      ...FINETUNE,
      batchSize: protocol.finetuneBatch,
      updateInterval: protocol.updateInterval,
      maxIterations: protocol.iterations,
      tolerance: 0,
    },
    random,
  });
  return { trainable: tuned, centres, loss: updates.at(-1).wholeClusteringLoss };
}

async function score(model, centres, decodes) {
  const rows = [];
  for (const split of [train, val, test]) {
    const truth = Array.from(split.rows, (row) => allLabels[row]);
    const clusters = hardAssignments(dec().memberships(await embedAll(model, split), centres));
    rows.push({
      acc: measureAccuracy(truth, clusters),
      nmi: measureNmi(truth, clusters),
      ari: measureAri(truth, clusters),
      mse: decodes ? await measureReconstruction(model, split) : null,
    });
  }
  return rows;
}

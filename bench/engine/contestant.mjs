// clade's engines at the benchmark's works: takes one JSON line a request, answers with one.
//   node contestant.mjs DATA-FOLDER KERNELS wasm|tfjs|tensorflow THREADS
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createRandom } from '../../src/core/random.ts';
import { ADAM } from '../../src/core/trainable.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { TfjsTrainable } from '../../src/engine/tfjs-trainable.ts';
import { setUpWasmBackend } from '../../src/engine/wasm-backend.ts';
import { klLoss } from '../../src/ml/clustering/kl-loss.ts';
import { encoderOf } from '../../src/ml/models/cae.ts';
import { pretrain } from '../../src/ml/training/pretrain.ts';
import { encoderWeights, readArray, readNetwork } from './read-data.mjs';
import { CLUSTERS } from './works.mjs';

const GAMMA = 0.01;
const [folder, kernels, name, threads] = process.argv.slice(2);
const createTrainable = await openMaker();
let work = null;

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const startedMs = performance.now();
  let answer;
  if (request.do === 'prepare') {
    work?.dispose();
    work = await (request.work.kind === 'epoch' ? prepareEpoch : prepareStep)(request.work);
    const losses = await work.losses(request.steps);
    answer = { losses, weights: await digestWeights(work.trainable), ms: performance.now() - startedMs };
  } else {
    const ms = [];
    for (let step = 0; step < request.steps; step++) {
      const beforeMs = performance.now();
      await work.once();
      ms.push(performance.now() - beforeMs);
    }
    answer = { ms };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0); // threads of an engine may wait for work still

async function openMaker() {
  if (name === 'tfjs') {
    await setUpWasmBackend(kernels);
    return (network, weights) => new TfjsTrainable(network, weights, ADAM);
  }
  const engine = await openEngine(name, { threads: Number(threads), kernels });
  return (network, weights) => engine.createTrainable(network, { weights });
}

/** The same batch in every step, as the peers have it. */
async function prepareStep({ network: which, batch: size, loss }) {
  const read = readNetwork(folder, which);
  const dec = loss === 'dec';
  const trainable = dec
    ? await createTrainable(encoderOf(read.network), encoderWeights(read.weights))
    : await createTrainable(read.network, read.weights);
  const images = readArray(folder, `${which}-images.f32`);
  const batch = { images, rows: Uint32Array.from({ length: size }, (_, row) => row) };
  const centres = { data: readArray(folder, 'centres.f32'), rows: CLUSTERS, columns: 3 };
  const targets = readArray(folder, 'targets.f64', Float64Array).subarray(0, size * CLUSTERS);
  const p = { data: targets, rows: size, columns: CLUSTERS };
  const gamma = dec ? 1 : GAMMA;
  let value = null;
  async function once() {
    if (loss === 'reconstruction') {
      await trainable.gradients({ batch, reconstructionWeight: 1 });
      return trainable.update();
    }
    let found;
    await trainable.gradients({
      batch,
      reconstructionWeight: dec ? 0 : 1,
      embeddingGradient(embedding) {
        const z = { data: embedding, rows: size, columns: 3 };
        found = klLoss({ z, mu: centres, p, alpha: 1 });
        return Float32Array.from(found.embeddingGradient, (part) => gamma * part);
      },
    });
    value = found.value;
    const gradient = Float32Array.from(found.centreGradient, (part) => gamma * part);
    return trainable.update([{ name: 'centres', values: centres.data, gradient }]);
  }
  return {
    trainable,
    once,
    async losses(steps) {
      const losses = [];
      for (let step = 0; step < steps; step++) {
        await once();
        losses.push([dec ? null : await trainable.readReconstructionError(), value]);
      }
      return losses;
    },
    dispose: () => trainable.dispose(),
  };
}

/** The real loop, an epoch at a time. */
async function prepareEpoch({ network: which, batch, train, val }) {
  const { network, weights } = readNetwork(folder, which);
  const trainable = await createTrainable(network, weights);
  const images = readArray(folder, `${which}-images.f32`);
  const rows = (first, length) => Uint32Array.from({ length }, (_, row) => first + row);
  const request = {
    trainable,
    train: { images, rows: rows(0, train) },
    val: { images, rows: rows(train, val) },
    random: createRandom('epochs'),
    settings: { batchSize: batch, maxEpochs: 1, patience: 25, minDelta: 1e-7 },
  };
  return {
    trainable,
    once: () => pretrain(request),
    async losses() {
      const { history } = await pretrain(request);
      return history.map(({ trainLoss, valLoss }) => [trainLoss, valLoss]);
    },
    dispose: () => trainable.dispose(),
  };
}

async function digestWeights(trainable) {
  const hash = createHash('sha256');
  for (const values of (await trainable.weights()).values()) hash.update(new Uint8Array(values.buffer));
  return hash.digest('hex');
}

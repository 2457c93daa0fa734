// Everything that all contestants start from, as files: images, weights, orders of epochs, centres.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkShapes } from '../../src/core/network.ts';
import { createRandom } from '../../src/core/random.ts';
import { MODALITIES, phantomSubject } from '../../src/imaging/phantom.ts';
import { softAssignment, targetDistribution } from '../../src/ml/clustering/soft-assignment.ts';
import { initialWeights } from '../../src/ml/initialise.ts';
import { caeNetwork, STUDY_NETWORK } from '../../src/ml/models/cae.ts';
import { CLUSTERS } from './works.mjs';

const SLICES = 10;

/** @param protocol sizes of the splits, epochs and iterations of the pipeline. */
export async function makeData(folder, protocol) {
  await mkdir(folder, { recursive: true });
  const random = createRandom('bench');
  const count = Math.max(256, protocol.train + protocol.val + protocol.test);
  const { images, labels } = makeHeads(count, random.fork('heads'));
  // The train mean goes, as the stage split has it.
  const pixels = protocol.train * 128 * 128;
  const mean = images.subarray(0, pixels).reduce((sum, value) => sum + value, 0) / pixels;
  await write(
    'study-images.f32',
    images.map((value) => value - mean),
  );
  await write('labels.u32', labels);
  const digits = Float32Array.from({ length: 256 * 28 * 28 }, () => random.next());
  await write('mnist-images.f32', digits);
  await writeNetwork('study', caeNetwork({ ...STUDY_NETWORK, embeddingDim: 3 }));
  await writeNetwork(
    'mnist',
    caeNetwork({
      inputSize: [28, 28],
      filters: [32, 64, 128],
      kernels: [5, 5, 3],
      strides: [2, 2, 2],
      paddings: ['same', 'same', 'valid'],
      embeddingDim: 10,
    }),
  );
  // Pretraining draws its orders one after the other from a generator of this seed.
  const orders = createRandom('epochs');
  const epochs = Array.from({ length: protocol.epochs }, () => [...orders.permutation(protocol.train)]);
  await write('orders.u32', Uint32Array.from(epochs.flat()));
  const centres = Float32Array.from({ length: CLUSTERS * 3 }, () => random.normal() * 0.3);
  await write('centres.f32', centres);
  const z = {
    data: Float32Array.from({ length: 64 * 3 }, () => random.normal() * 0.3),
    rows: 64,
    columns: 3,
  };
  const q = softAssignment(z, { data: centres, rows: CLUSTERS, columns: 3 }, 1);
  await write('targets.f64', targetDistribution(q).data);
  await writeFile(join(folder, 'protocol.json'), JSON.stringify(protocol));

  async function write(name, array) {
    await writeFile(join(folder, name), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }

  async function writeNetwork(name, network) {
    const weights = initialWeights(network, random.fork(name));
    const parameters = networkShapes(network).flatMap((layer) => layer.parameters);
    const values = parameters.flatMap((parameter) => [...weights.get(parameter.name)]);
    await write(`${name}-weights.f32`, Float32Array.from(values));
    await writeFile(join(folder, `${name}.json`), JSON.stringify({ network, parameters }));
  }
}

/** Heads in three modalities, shuffled, so that every part of them has all three. */
function makeHeads(count, random) {
  const made = [];
  for (let subjectIndex = 0; made.length < count; subjectIndex++) {
    MODALITIES.forEach((modality, label) => {
      const { slices } = phantomSubject({ modality, subjectIndex, slices: SLICES, size: 128, random });
      for (const image of slices) made.push({ image, label });
    });
  }
  const images = new Float32Array(count * 128 * 128);
  const order = random.permutation(made.length).subarray(0, count);
  order.forEach((from, to) => {
    images.set(made[from].image, to * 128 * 128);
  });
  return { images, labels: Uint32Array.from(order, (from) => made[from].label) };
}

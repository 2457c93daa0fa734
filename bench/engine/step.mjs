// How long a training step takes, and how near each kind of operation comes to the core's peak.
//   taskset -c 0 node bench/engine/step.mjs [--short]
import { rm } from 'node:fs/promises';
import { benchFolder, freshKernels, loadSource } from './load-sources.mjs';
import { measurePeak } from './measure-peak.mjs';

const short = process.argv.includes('--short');
const kernels = await freshKernels();
const { CompiledTrainable } = await loadSource('src/engine/compiled/compiled-trainable.ts');
const { TfjsTrainable } = await loadSource('src/engine/tfjs-trainable.ts');
const { setUpWasmBackend } = await loadSource('src/engine/wasm-backend.ts');
const { compileKernels } = await loadSource('src/engine/wasm/load-kernels.ts');
const { STUDY, randomImages, randomWeights } = await loadSource('test/support/engine/networks.ts');
const { createRandom } = await loadSource('src/core/random.ts');
const { ADAM } = await loadSource('src/core/trainable.ts');

const module = await compileKernels(kernels);
await setUpWasmBackend(kernels);
await rm(benchFolder, { recursive: true });
const random = createRandom('bench');
const weights = randomWeights(STUDY, random);
const images = randomImages(STUDY, 64, random);
const makers = {
  compiled: () => new CompiledTrainable(STUDY, { weights, adam: ADAM, module }),
  'tfjs on wasm': () => new TfjsTrainable(STUDY, weights, ADAM),
};
/** The gradient of a pull to the origin: as cheap as a loss on the embedding can be. */
const pull = (z) => z.map((value) => value * 1e-3);
const work = {
  'batch 12': { count: 12, reconstructionWeight: 1 },
  'batch 64': { count: 64, reconstructionWeight: 1 },
  'DEC step, batch 32': { count: 32, reconstructionWeight: 0, embeddingGradient: pull },
  'DCEC step, batch 32': { count: 32, reconstructionWeight: 1, embeddingGradient: pull },
};

const peak = await measurePeak();
console.log(`peak of a multiply-add loop: ${peak.toFixed(1)} GFLOP/s\n`);
for (const [name, { count, ...request }] of Object.entries(work)) {
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  const trainables = Object.entries(makers).map(([maker, make]) => [maker, make(), []]);
  const rounds = (short ? 10 : 120) * (count > 32 ? 1 : 3);
  // In turn, so that a disturbance of the machine meets all of them.
  for (let round = 0; round < rounds; round++) {
    for (const [, trainable, times] of trainables) {
      const start = performance.now();
      await trainable.gradients({ batch: { images, rows }, ...request });
      await trainable.update();
      times.push(performance.now() - start);
    }
  }
  for (const [maker, trainable, times] of trainables) {
    console.log(`${name.padEnd(22)}${maker.padEnd(14)}${median(times).toFixed(2).padStart(8)} ms`);
    trainable.dispose();
  }
}

console.log('\noperations of the compiled step, one sample:');
for (const { name, microseconds, flops } of measureOperations(makers.compiled(), short ? 5 : 30)) {
  const rate = flops / microseconds / 1000;
  const share =
    flops > 0
      ? `${rate.toFixed(1).padStart(7)} GFLOP/s ${((100 * rate) / peak).toFixed(0).padStart(4)} %`
      : '';
  console.log(`${name.padEnd(48)}${microseconds.toFixed(1).padStart(8)} µs${share}`);
}

function median(times) {
  return [...times].sort((a, b) => a - b)[times.length >> 1];
}

/** Best time of every operation, those of equal shape together. Multiplications with a packed zero count. */
function measureOperations(trainable, repeats) {
  const { compiled, kernels: wasm, memory, batchAt } = trainable;
  const words = new Int32Array(memory.buffer);
  const kinds = ['gather', 'correlate', 'bias gradient', 'copy', 'reconstruction error', 'join'];
  const samples = 4;
  const groups = new Map();
  for (const pass of ['encode', 'decode', 'compare', 'decodeBackward', 'join', 'encodeBackward']) {
    for (let at = compiled[pass].at; at < compiled[pass].end; at += 8) {
      const [kind, record] = [words[at / 4], words[at / 4 + 1] / 4];
      const [height, width, segments] = [8, 9, 10].map((word) => words[record + word]);
      const terms =
        (kind === 0 ? words[record + 12] / 4 : words[record + 12]) * ((words[record + 11] - segments) / 4);
      const channels = words[record + (kind === 0 ? 15 : 14)];
      const convolves = kind < 2;
      const shape = `${kinds[kind]}${convolves ? ` ${height}×${width}, ${terms} × ${channels}` : ''}`;
      let best = Number.POSITIVE_INFINITY;
      for (let time = 0; time < repeats; time++) {
        const start = performance.now();
        wasm.run(at, at + 8, batchAt, samples, 0);
        wasm.run(at, at + 8, batchAt, samples, 0);
        best = Math.min(best, (performance.now() - start) / (2 * samples));
      }
      const group = groups.get(shape) ?? { name: shape, microseconds: 0, flops: 0, times: 0 };
      group.microseconds += best * 1000;
      group.flops += convolves ? 2 * height * width * terms * channels : 0;
      group.times++;
      groups.set(shape, group);
    }
  }
  return [...groups.values()].map((group) => ({
    ...group,
    name: `${group.name}${group.times > 1 ? ` (${group.times})` : ''}`,
  }));
}

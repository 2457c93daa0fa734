import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../../../src/core/network.ts';
import { createRandom } from '../../../src/core/random.ts';
import { ADAM } from '../../../src/core/trainable.ts';
import { CompiledTrainable } from '../../../src/engine/compiled/compiled-trainable.ts';
import {
  compileKernels,
  compileSharedKernels,
  type WasmMemory,
  type WasmModule,
} from '../../../src/engine/wasm/load-kernels.ts';
import { anyNetwork } from '../../support/engine/any-network.ts';
import { builtKernels } from '../../support/engine/kernels.ts';
import { DIGITS, ODD, randomImages, randomWeights, STUDY } from '../../support/engine/networks.ts';
import { describeConformance } from './conformance.ts';

let module: WasmModule;
let sharedModule: WasmModule;
beforeAll(async () => {
  module = await compileKernels(await builtKernels());
  sharedModule = await compileSharedKernels(await builtKernels());
});

describe('a trainable compiled into one program', () => {
  describeConformance(
    async (network, weights, adam) => new CompiledTrainable(network, { weights, adam: adam ?? ADAM, module }),
    5e-6,
    {
      held: (trainable) => ({
        bytes: (trainable as unknown as { memory: WasmMemory }).memory.buffer.byteLength,
      }),
    },
  );
});

describe('its memory', () => {
  it('stays the same size over a thousand steps, and grows once for a loss that needs a larger batch at once', async () => {
    const random = createRandom('memory');
    const images = randomImages(ODD, 40, random);
    const trainable = new CompiledTrainable(ODD, { weights: randomWeights(ODD, random), adam: ADAM, module });
    const { memory } = trainable as unknown as { memory: WasmMemory };
    const step = async (rows: Uint32Array) => {
      await trainable.gradients({
        batch: { images, rows },
        reconstructionWeight: 1,
        embeddingGradient: (z) => z,
      });
      await trainable.update();
    };
    const all = Uint32Array.from({ length: 40 }, (_, row) => row);
    await step(all.subarray(0, 3));
    const small = memory.buffer.byteLength;
    await step(all);
    const large = memory.buffer.byteLength;
    expect(large).toBeGreaterThan(small);
    for (let index = 0; index < 1000; index++) await step(all.subarray(index % 37, (index % 37) + 3));
    await step(all);
    expect(memory.buffer.byteLength).toBe(large);
    expect(await trainable.readReconstructionError()).toBeLessThan(1);
  });

  it('is refused by name where a network or a batch would need more than 4 GiB', async () => {
    const large: Network = {
      input: [8192, 8192, 1],
      encoder: [
        { kind: 'conv', filters: 16, kernel: 1, stride: 1, padding: 'same', activation: 'relu' },
        { kind: 'conv', filters: 1, kernel: 1, stride: 8, padding: 'valid', activation: 'relu' },
        { kind: 'flatten' },
      ],
      decoder: [],
    };
    const weights = randomWeights(large, createRandom('large'));
    expect(() => new CompiledTrainable(large, { weights, adam: ADAM, module })).toThrow(
      /the network needs \d+\.\d GiB/,
    );
  });

  it('holds a gradient that does not depend on whether a loss on the embedding was there too', async () => {
    const random = createRandom('two ways');
    const images = randomImages(DIGITS, 11, random);
    const trainable = new CompiledTrainable(DIGITS, {
      weights: randomWeights(DIGITS, random),
      adam: ADAM,
      module,
    });
    await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
    const alone = await trainable.readGradients();
    await trainable.gradients({
      batch: { images },
      reconstructionWeight: 1,
      embeddingGradient: (z) => new Float32Array(z.length),
    });
    expect(await trainable.readGradients()).toEqual(alone);
  });
});

/** Every array that a trainable gives after a few steps with and without a loss on the embedding. */
async function everythingOf(network: Network, threads: number, restored = threads): Promise<Float32Array[]> {
  const random = createRandom('threads');
  const images = randomImages(network, 37, random);
  const weights = randomWeights(network, random);
  const make = (count: number) =>
    new CompiledTrainable(network, {
      weights,
      adam: ADAM,
      module: count > 1 ? sharedModule : module,
      threads: count,
      worthSplittingFlops: 0,
    });
  let trainable = make(threads);
  const results: Float32Array[] = [];
  for (const [step, count] of [37, 12, 1, 3, 37].entries()) {
    if (step === 2 && restored !== threads) {
      const state = await trainable.state();
      trainable.dispose();
      trainable = make(restored);
      await trainable.restore(state);
    }
    const rows = Uint32Array.from({ length: count }, (_, row) => (row * 7 + step) % 37);
    const embeddingGradient = step % 2 === 0 ? (z: Float32Array) => z.map((value) => value / 8) : undefined;
    await trainable.gradients({ batch: { images, rows }, reconstructionWeight: 1, embeddingGradient });
    results.push(...(await trainable.readGradients()).values());
    results.push(Float32Array.of(await trainable.readReconstructionError()));
    await trainable.update();
  }
  expect((trainable as unknown as { crew: object | null }).crew !== null).toBe(restored > 1);
  results.push(await trainable.embed({ images }), await trainable.reconstruct({ images }));
  results.push(Float32Array.from(await trainable.reconstructionErrors({ images })));
  results.push(...(await trainable.weights()).values());
  trainable.dispose();
  return results;
}

/** A network that two threads have computed once; the second of them is at the caller's mercy. */
async function trainedByTwo(network: Network) {
  const random = createRandom('death');
  const images = randomImages(network, 256, random);
  const weights = randomWeights(network, random);
  const trainable = new CompiledTrainable(network, {
    weights,
    adam: ADAM,
    module: sharedModule,
    threads: 2,
    worthSplittingFlops: 0,
  });
  await trainable.embed({ images });
  const { crew } = trainable as unknown as {
    crew: { begin(): void; workers: { terminate(): Promise<number> }[] };
  };
  return { trainable, images, crew, dying: crew.workers[0] };
}

describe('several threads', () => {
  for (const [name, network] of Object.entries({ DIGITS, ODD })) {
    for (const threads of [2, 3, 4, 7]) {
      it(`give ${name} the same bytes as one: ${threads}`, async () => {
        expect(await everythingOf(network, threads)).toEqual(await everythingOf(network, 1));
      });
    }
  }

  it('give any network the same bytes as one', async () => {
    await fc.assert(
      fc.asyncProperty(anyNetwork, fc.integer({ min: 2, max: 4 }), async (network, threads) => {
        expect(await everythingOf(network, threads)).toEqual(await everythingOf(network, 1));
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('take up what another number of them left', async () => {
    const alone = await everythingOf(DIGITS, 2);
    expect(await everythingOf(DIGITS, 2, 3)).toEqual(alone);
  });

  it('fail, and do not hang, where one of them dies between jobs', async () => {
    const { trainable, images, dying } = await trainedByTwo(DIGITS);
    await dying.terminate();
    await expect(trainable.embed({ images })).rejects.toThrow(/a thread of the wasm engine is gone/);
    trainable.dispose();
  });

  it('fail, and do not hang, where one of them dies in the middle of a job', async () => {
    const { trainable, images, dying, crew } = await trainedByTwo(STUDY);
    const begin = crew.begin.bind(crew);
    crew.begin = () => {
      begin();
      void dying.terminate(); // stops it wherever it is, while the caller computes its own share
    };
    await expect(trainable.gradients({ batch: { images }, reconstructionWeight: 1 })).rejects.toThrow(
      /a thread of the wasm engine is gone/,
    );
    trainable.dispose();
  });

  it('let the process end without being dismissed', async () => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', await leavingProgram()], {
      timeout: 60_000,
      encoding: 'utf8',
    });
    expect({ status: child.status, signal: child.signal, stderr: child.stderr }).toEqual({
      status: 0,
      signal: null,
      stderr: '',
    });
    expect(child.stdout).toContain('left');
  });
});

/** A program that computes on two threads and returns. */
async function leavingProgram(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { CompiledTrainable } from './src/engine/compiled/compiled-trainable.ts';
        import { compileSharedKernels } from './src/engine/wasm/load-kernels.ts';
        import { DIGITS, randomImages, randomWeights } from './test/support/engine/networks.ts';
        import { createRandom } from './src/core/random.ts';
        import { ADAM } from './src/core/trainable.ts';
        const random = createRandom('leaving');
        const trainable = new CompiledTrainable(DIGITS, {
          weights: randomWeights(DIGITS, random), adam: ADAM, threads: 2, worthSplittingFlops: 0,
          module: await compileSharedKernels(${JSON.stringify(await builtKernels())}),
        });
        await trainable.embed({ images: randomImages(DIGITS, 64, random) });
        console.log(trainable.crew === null ? 'alone' : 'left');`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return outputFiles[0].text;
}

// What every trainable must do, whatever makes it: run by each engine's test on the engine it opens.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Network, Weights } from '../../../src/core/network.ts';
import { createRandom } from '../../../src/core/random.ts';
import { ADAM, type AdamSettings, type Trainable, type TrainableState } from '../../../src/core/trainable.ts';
import golden from '../../golden/engine/adam-steps.json' with { type: 'json' };
import { anyNetwork } from '../../support/engine/any-network.ts';
import { referenceForward, referenceGradients, toFloat64 } from '../../support/engine/float64-reference.ts';
import { DIGITS, ODD, randomImages, randomWeights, STUDY } from '../../support/engine/networks.ts';

export type MakeTrainable = (network: Network, weights: Weights, adam?: AdamSettings) => Promise<Trainable>;

/** Largest difference, relative to the reference's largest number. */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(got.length).toBe(expected.length);
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    const difference = Math.abs(got[i] - expected[i]);
    worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
  }
  return worst === 0 ? 0 : worst / largest;
}

function largestOf(...arrays: readonly ArrayLike<number>[]): number {
  let largest = 0;
  for (const values of arrays) {
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  }
  return largest;
}

function expectWithin(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  limit: number,
  name = 'value',
): void {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(got[i] - expected[i]) < limit)) expect(got[i], `${name}[${i}]`).toBe(expected[i]);
  }
}

function bytesOf(state: TrainableState): Map<string, string> {
  const hex = (values: Float32Array) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
  const entries: [string, string][] = [['step', String(state.step)]];
  for (const field of ['weights', 'firstMoments', 'secondMoments'] as const) {
    for (const [name, values] of state[field]) entries.push([`${field} ${name}`, hex(values)]);
  }
  return new Map(entries);
}

/** The network of golden/engine/adam-steps.py. */
const GOLDEN: Network = {
  input: [8, 8, 1],
  encoder: [
    { kind: 'conv', filters: 2, kernel: 3, stride: 2, padding: 'same', activation: 'relu' },
    { kind: 'flatten' },
    { kind: 'dense', units: 2, activation: 'linear' },
  ],
  decoder: [
    { kind: 'dense', units: 32, activation: 'relu' },
    { kind: 'reshape', shape: [4, 4, 2] },
    {
      kind: 'deconv',
      filters: 1,
      kernel: 3,
      stride: 2,
      padding: 'same',
      activation: 'linear',
      output: [8, 8],
    },
  ],
};
const ENCODER_ALONE: Network = { ...ODD, decoder: [] };

export interface ConformanceOptions {
  /** Tensors and bytes in use now: what must stay flat while training. */
  readonly held: (trainable: Trainable) => object;
  /** How many random networks are tried; a GPU compiles programs for each. */
  readonly networks?: number;
  /** How many steps memory is watched for. */
  readonly steps?: number;
  /** False where one image's result may depend on its batch in the last digits. */
  readonly sameInAnyBatch?: boolean;
}

/** Registers the suite; `tolerance` is relative to the largest number of each array. */
export function describeConformance(
  make: MakeTrainable,
  tolerance: number,
  { held, networks = 200, steps = 1000, sameInAnyBatch = true }: ConformanceOptions,
): void {
  for (const [name, network] of Object.entries({ odd: ODD, digits: DIGITS, study: STUDY })) {
    it(`computes embedding, reconstruction and error of the ${name} network as the float64 reference does`, async () => {
      const random = createRandom(`forward ${name}`);
      const weights = randomWeights(network, random);
      const images = randomImages(network, 3, random);
      const trainable = await make(network, weights);
      const rows = Uint32Array.of(2, 0);
      const size = images.length / 3;
      const expected = [...rows].map((row) =>
        referenceForward(
          network,
          toFloat64(weights),
          Float64Array.from(images.subarray(row * size, (row + 1) * size)),
        ),
      );
      const embeddings = expected.flatMap((values) => [...values[network.encoder.length]]);
      const outputs = expected.flatMap((values) => [...values.at(-1)!]);
      const errors = expected.map(
        (values) => values.at(-1)!.reduce((sum, value, i) => sum + (value - values[0][i]) ** 2, 0) / size,
      );
      expect(relativeError(await trainable.embed({ images, rows }), embeddings)).toBeLessThan(tolerance);
      expect(relativeError(await trainable.reconstruct({ images, rows }), outputs)).toBeLessThan(tolerance);
      expect(relativeError(await trainable.reconstructionErrors({ images, rows }), errors)).toBeLessThan(
        tolerance,
      );
      trainable.dispose();
    });

    it(`computes every gradient of the ${name} network as the float64 reference does`, async () => {
      const random = createRandom(`backward ${name}`);
      const weights = randomWeights(network, random);
      const count = network === STUDY ? 2 : 5;
      const images = randomImages(network, count, random);
      const trainable = await make(network, weights);
      const size = images.length / count;
      const units = (await trainable.embed({ images })).length / count;
      const dz = Float32Array.from({ length: count * units }, () => random.next() - 0.5);
      const expected = referenceGradients(
        network,
        toFloat64(weights),
        Array.from({ length: count }, (_, i) => Float64Array.from(images.subarray(i * size, (i + 1) * size))),
        {
          reconstructionWeight: 0.7,
          embeddingGradient: (image) => Float64Array.from(dz.subarray(image * units, (image + 1) * units)),
        },
      );
      await trainable.gradients({
        batch: { images },
        reconstructionWeight: 0.7,
        embeddingGradient(z) {
          expect(
            relativeError(
              z,
              expected.embeddings.flatMap((values) => [...values]),
            ),
          ).toBeLessThan(tolerance);
          return dz;
        },
      });
      const gradients = await trainable.readGradients();
      expect([...gradients.keys()]).toEqual([...expected.parameters.keys()]);
      for (const [parameter, values] of expected.parameters) {
        expect(relativeError(gradients.get(parameter)!, values), parameter).toBeLessThan(tolerance);
      }
      expect(relativeError([await trainable.readReconstructionError()], [expected.error])).toBeLessThan(
        tolerance,
      );
      expect(await trainable.readReconstructionError()).toBeNaN();
      trainable.dispose();
    });
  }

  it(`has the float64 reference’s embeddings, reconstructions and gradients on ${networks} random networks`, async () => {
    await fc.assert(
      fc.asyncProperty(anyNetwork, fc.integer({ min: 1, max: 9 }), fc.nat(), async (network, count, seed) => {
        const random = createRandom(`networks ${seed}`);
        const weights = randomWeights(network, random);
        const images = randomImages(network, count, random);
        const size = images.length / count;
        const trainable = await make(network, weights);
        const embeddings = await trainable.embed({ images });
        const units = embeddings.length / count;
        const slopes = Float32Array.from({ length: count * units }, () => random.next() - 0.5);
        const each = Array.from({ length: count }, (_, i) =>
          Float64Array.from(images.subarray(i * size, (i + 1) * size)),
        );
        const expected = referenceGradients(network, toFloat64(weights), each, {
          reconstructionWeight: 1.5,
          embeddingGradient: (image) =>
            Float64Array.from(slopes.subarray(image * units, (image + 1) * units)),
        });
        await trainable.gradients({
          batch: { images },
          reconstructionWeight: 1.5,
          embeddingGradient: () => slopes,
        });
        const gradients = await trainable.readGradients();
        // A parameter whose gradient is nothing but rounding is judged by the largest of all.
        const scale = largestOf([1e-3], ...expected.parameters.values());
        for (const [name, values] of expected.parameters) {
          expectWithin(gradients.get(name)!, values, 2 * tolerance * scale, name);
        }
        const outputs = each.map((image) => referenceForward(network, toFloat64(weights), image));
        const within = 2 * tolerance * largestOf([1e-3], ...outputs.flat());
        expectWithin(
          embeddings,
          outputs.flatMap((values) => [...values[network.encoder.length]]),
          within,
        );
        expectWithin(
          await trainable.reconstruct({ images }),
          outputs.flatMap((values) => [...values.at(-1)!]),
          within,
        );
        expect(await trainable.readReconstructionError()).toBeCloseTo(expected.error, 5);
        trainable.dispose();
      }),
      { numRuns: networks },
    );
  });

  it(`holds no more after ${steps} steps than after two, and gives all back`, async () => {
    const random = createRandom('leaks');
    const weights = randomWeights(ODD, random);
    const images = randomImages(ODD, 3, random);
    const use = async (count: number) => {
      const trainable = await make(ODD, weights);
      const step = async () => {
        await trainable.gradients({
          batch: { images },
          reconstructionWeight: 1,
          embeddingGradient: (z) => z,
        });
        await trainable.update();
      };
      await step();
      await step();
      const before = held(trainable);
      for (let index = 2; index < count; index++) await step();
      expect(held(trainable)).toEqual(before);
      expect(await trainable.readReconstructionError()).toBeLessThan(1);
      trainable.dispose();
      return held(trainable);
    };
    const few = await use(2);
    expect(await use(steps)).toEqual(few);
  });

  it.runIf(sameInAnyBatch)('gives an image the same bytes in any batch, alone or among many', async () => {
    const random = createRandom('batches');
    const trainable = await make(ODD, randomWeights(ODD, random));
    const images = randomImages(ODD, 150, random);
    const together = await trainable.embed({ images });
    const reconstructed = await trainable.reconstruct({ images });
    const errors = await trainable.reconstructionErrors({ images });
    const units = together.length / 150;
    const size = images.length / 150;
    for (const row of [0, 1, 63, 64, 65, 149]) {
      const batch = { images, rows: Uint32Array.of(row) };
      expect([...(await trainable.embed(batch))]).toEqual([
        ...together.subarray(row * units, (row + 1) * units),
      ]);
      expect(Buffer.from((await trainable.reconstruct(batch)).buffer)).toEqual(
        Buffer.from(reconstructed.slice(row * size, (row + 1) * size).buffer),
      );
      expect((await trainable.reconstructionErrors(batch))[0]).toBe(errors[row]);
    }
    trainable.dispose();
  });

  it('follows Keras’s form of Adam: ε outside the root, both corrections in the step’s length', async () => {
    const random = createRandom('adam');
    const weights = randomWeights(ENCODER_ALONE, random);
    const adam = { ...ADAM, learningRate: 0.01, epsilon: 0.02 };
    const trainable = await make(ENCODER_ALONE, weights, adam);
    const images = randomImages(ENCODER_ALONE, 4, random);
    const expected = toFloat64(weights);
    const first = new Map([...expected].map(([name, values]) => [name, new Float64Array(values.length)]));
    const second = new Map([...expected].map(([name, values]) => [name, new Float64Array(values.length)]));
    for (let step = 1; step <= 3; step++) {
      await trainable.gradients({ batch: { images }, reconstructionWeight: 0, embeddingGradient: (z) => z });
      const gradients = await trainable.readGradients();
      await trainable.update();
      const length = (0.01 * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
      for (const [name, g] of gradients) {
        const [w, m, v] = [expected.get(name)!, first.get(name)!, second.get(name)!];
        g.forEach((value, i) => {
          m[i] = 0.9 * m[i] + 0.1 * value;
          v[i] = 0.999 * v[i] + 0.001 * value * value;
          w[i] -= (length * m[i]) / (Math.sqrt(v[i]) + 0.02);
        });
      }
    }
    for (const [name, values] of await trainable.weights()) {
      expect(relativeError(values, expected.get(name)!), name).toBeLessThan(1e-6);
    }
    trainable.dispose();
  });

  it('takes the five steps that PyTorch takes, further parameter included (golden/engine/adam-steps.py)', async () => {
    const start = new Map(
      Object.entries(golden.start).map(([name, values]) => [name, Float32Array.from(values)]),
    );
    const trainable = await make(GOLDEN, start, { ...ADAM, learningRate: 0.01 });
    const images = Float32Array.from(golden.images);
    const centre = Float32Array.from(golden.startCentre);
    for (const error of golden.errors) {
      const gradient = new Float32Array(2);
      await trainable.gradients({
        batch: { images },
        reconstructionWeight: 0.5,
        // 0.05 · Σ (z − centre)²
        embeddingGradient: (z) =>
          z.map((value, i) => {
            const slope = 0.1 * (value - centre[i % 2]);
            gradient[i % 2] -= slope;
            return slope;
          }),
      });
      await trainable.update([{ name: 'centre', values: centre, gradient }]);
      expect(relativeError([await trainable.readReconstructionError()], [error])).toBeLessThan(1e-5);
    }
    for (const [name, values] of await trainable.weights()) {
      expect(relativeError(values, golden.end[name as keyof typeof golden.end]), name).toBeLessThan(1e-5);
    }
    expect(relativeError(centre, golden.endCentre)).toBeLessThan(1e-5);
    trainable.dispose();
  });

  it('leaves the decoder’s weights and moments untouched where the reconstruction has no weight', async () => {
    const random = createRandom('dec');
    const trainable = await make(ODD, randomWeights(ODD, random));
    const images = randomImages(ODD, 4, random);
    await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
    await trainable.update();
    const before = bytesOf(await trainable.state());
    await trainable.gradients({ batch: { images }, reconstructionWeight: 0, embeddingGradient: (z) => z });
    expect([...(await trainable.readGradients()).keys()].every((name) => name.startsWith('encoder'))).toBe(
      true,
    );
    const centres = { name: 'centres', values: Float32Array.of(1, 2), gradient: Float32Array.of(1, -1) };
    await trainable.update([centres]);
    const after = bytesOf(await trainable.state());
    for (const [field, bytes] of before) {
      if (field.includes('decoder')) expect(after.get(field), field).toBe(bytes);
      if (field.includes('encoder')) expect(after.get(field), field).not.toBe(bytes);
    }
    expect(after.get('step')).toBe('2');
    trainable.dispose();
  });

  it('takes further parameters along with the same step count', async () => {
    const random = createRandom('further');
    const trainable = await make(ODD, randomWeights(ODD, random));
    const images = randomImages(ODD, 2, random);
    const centres = {
      name: 'centres',
      values: Float32Array.of(1, 2, 3),
      gradient: Float32Array.of(1, -1, 0),
    };
    await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
    await trainable.update([centres]);
    // The first step of Adam is lr · g/(|g| + ε/√(1−β₂)): its full length against the sign of g.
    expect(relativeError(centres.values, [0.999, 2.001, 3])).toBeLessThan(1e-5);
    const state = await trainable.state();
    expect(state.firstMoments.get('centres')![0]).toBeCloseTo(0.1, 6);
    expect(state.secondMoments.get('centres')![1]).toBeCloseTo(0.001, 8);
    trainable.dispose();
  });

  it('continues from a state with the same bytes as if it had never stopped', async () => {
    const random = createRandom('restore');
    const weights = randomWeights(DIGITS, random);
    const images = randomImages(DIGITS, 12, random);
    const centres = () => ({
      name: 'centres',
      values: Float32Array.of(0.5, 1, 2),
      gradient: Float32Array.of(0.1, 0.2, 0.3),
    });
    const train = async (
      trainable: Trainable,
      from: number,
      to: number,
      further: ReturnType<typeof centres>,
    ) => {
      for (let step = from; step < to; step++) {
        const rows = Uint32Array.from({ length: 7 }, (_, i) => (i * 5 + step) % 12);
        await trainable.gradients({
          batch: { images, rows },
          reconstructionWeight: 1,
          embeddingGradient: (z) => z,
        });
        await trainable.update([further]);
      }
    };
    const whole = await make(DIGITS, weights);
    const wholeCentres = centres();
    await train(whole, 0, 6, wholeCentres);

    const before = await make(DIGITS, weights);
    const laterCentres = centres();
    await train(before, 0, 3, laterCentres);
    const state = await before.state();
    await train(before, 3, 4, centres());
    const after = await make(DIGITS, randomWeights(DIGITS, random));
    await after.restore(state);
    expect(bytesOf(await after.state())).toEqual(bytesOf(state));
    await train(after, 3, 6, laterCentres);

    expect(bytesOf(await after.state())).toEqual(bytesOf(await whole.state()));
    expect(laterCentres.values).toEqual(wholeCentres.values);
    for (const trainable of [whole, before, after]) trainable.dispose();
  });

  it('replaces the weights and nothing else', async () => {
    const random = createRandom('weights');
    const trainable = await make(ODD, randomWeights(ODD, random));
    const images = randomImages(ODD, 2, random);
    await trainable.gradients({ batch: { images }, reconstructionWeight: 1 });
    await trainable.update();
    const before = bytesOf(await trainable.state());
    const weights = randomWeights(ODD, random);
    await trainable.setWeights(weights);
    expect(await trainable.weights()).toEqual(weights);
    const after = bytesOf(await trainable.state());
    for (const [field, bytes] of before) if (field.includes('Moments')) expect(after.get(field)).toBe(bytes);
    trainable.dispose();
  });

  it('reports the mean error over the images of all steps since the last reading', async () => {
    const random = createRandom('error');
    const trainable = await make(ODD, randomWeights(ODD, random));
    const images = randomImages(ODD, 9, random);
    const each = await trainable.reconstructionErrors({ images });
    for (const rows of [Uint32Array.of(0, 1, 2, 3, 4, 5, 6), Uint32Array.of(7, 8)]) {
      await trainable.gradients({ batch: { images, rows }, reconstructionWeight: 0.5 });
    }
    const mean = each.reduce((sum, value) => sum + value, 0) / 9;
    expect(relativeError([await trainable.readReconstructionError()], [mean])).toBeLessThan(tolerance);
    trainable.dispose();
  });

  it('names what is wrong with a batch or with weights', async () => {
    const random = createRandom('wrong');
    const weights = randomWeights(ENCODER_ALONE, random);
    const trainable = await make(ENCODER_ALONE, weights);
    const images = randomImages(ENCODER_ALONE, 2, random);
    await expect(trainable.reconstruct({ images })).rejects.toThrow('no decoder');
    await expect(trainable.gradients({ batch: { images }, reconstructionWeight: 1 })).rejects.toThrow(
      'no decoder',
    );
    await expect(trainable.embed({ images: images.subarray(1) })).rejects.toThrow('13×11×3');
    await expect(trainable.embed({ images, rows: Uint32Array.of(2) })).rejects.toThrow('row 2');
    await expect(trainable.setWeights(new Map())).rejects.toThrow('encoder.0.kernel');
    expect(await trainable.embed({ images, rows: new Uint32Array(0) })).toHaveLength(0);
    trainable.dispose();
  });
}

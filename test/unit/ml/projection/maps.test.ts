import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../../../src/core/digest.ts';
import { pinMath } from '../../../../src/core/pinned-math.ts';
import { createRandom } from '../../../../src/core/random.ts';
import type { Matrix } from '../../../../src/ml/matrix.ts';
import { findNeighbours } from '../../../../src/ml/projection/neighbours.ts';
import { measureTrustworthiness } from '../../../../src/ml/projection/trustworthiness.ts';
import { projectTsne, type TsneProgress } from '../../../../src/ml/projection/tsne.ts';
import { fitUmap } from '../../../../src/ml/projection/umap.ts';
import { golden, noPause, sliceRows, test, train } from './golden.ts';

pinMath(Math); // as a worker does before it loads a library: umap-js computes with Math

const K = 10;

interface Placement {
  readonly reference: Matrix;
  readonly queries: Matrix;
}

/** The share of the 10 nearest reference points that a map keeps. */
async function overlap(original: Placement, placed: Placement): Promise<number> {
  const near = (one: Placement) =>
    findNeighbours({ ...one, count: K, excludeSelf: one.queries === one.reference, pause: noPause });
  const [before, after] = [await near(original), await near(placed)];
  let kept = 0;
  for (let query = 0; query < original.queries.rows; query++) {
    const there = before.indices.subarray(query * K, (query + 1) * K);
    for (const row of after.indices.subarray(query * K, (query + 1) * K)) if (there.includes(row)) kept += 1;
  }
  return kept / (K * original.queries.rows);
}

const inItself = (points: Matrix): Placement => ({ reference: points, queries: points });

function allFinite({ data }: Matrix): boolean {
  return data.every((value) => Number.isFinite(value));
}

describe('projectTsne', () => {
  const { perplexity, overlap: mark, divergence } = golden.tsne;

  it.each([
    ['exact, from principal components', {}, 0],
    ['exact, from a random cloud', { init: 'random' }, 0],
    ['Barnes–Hut', { exactUpTo: 10 }, 0.01],
  ] as const)('keeps neighbours as well as openTSNE and scikit-learn: %s', async (_, options, slack) => {
    const result = await projectTsne(train, { random: createRandom('tsne'), perplexity, ...options });
    expect(await overlap(inItself(train), inItself(result.coordinates))).toBeGreaterThan(mark - 0.02 - slack);
    // The affinities of Barnes–Hut leave far pairs out, and so does its divergence.
    expect(Math.abs(result.divergence - divergence)).toBeLessThan(0.02 + 10 * slack);
  });

  it('gives the same bits for a seed, whoever is listening', async () => {
    const run = (seed: string, onProgress?: (progress: TsneProgress) => void) =>
      projectTsne(train, { random: createRandom(seed), iterations: 120, onProgress });
    const quiet = await run('a');
    expect((await run('a', () => undefined)).coordinates.data).toEqual(quiet.coordinates.data);
    expect((await run('b')).coordinates.data).not.toEqual(quiet.coordinates.data);
  });

  it('says how far it is', async () => {
    const seen: TsneProgress[] = [];
    const random = createRandom('a');
    const result = await projectTsne(train, { random, iterations: 320, onProgress: (one) => seen.push(one) });
    expect(seen.map(({ iteration }) => iteration)).toEqual([50, 100, 150, 200, 250, 300, 320]);
    expect(seen.at(-1)).toEqual({ iteration: 320, iterations: 320, divergence: result.divergence });
    expect(seen[5].divergence).toBeLessThan(seen[0].divergence);
  });

  it('lowers the perplexity where points are few, and says so', async () => {
    const result = await projectTsne(sliceRows(train, 0, 31), { random: createRandom('a'), iterations: 10 });
    expect(result.perplexity).toBe(10);
    expect(result.notes).toEqual(['perplexity lowered from 30 to 10.0: there are 31 points']);
    expect((await projectTsne(train, { random: createRandom('a'), iterations: 1 })).notes).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4, 7])('maps %i points to finite places', async (count) => {
    const result = await projectTsne(sliceRows(train, 0, count), {
      random: createRandom('a'),
      iterations: 300,
    });
    expect(result.coordinates.rows).toBe(count);
    expect(allFinite(result.coordinates)).toBe(true);
  });

  it.each([undefined, 10])('parts equal points without failing (exact up to %s)', async (exactUpTo) => {
    const equal = { data: new Float64Array(90).fill(3), rows: 30, columns: 3 };
    const result = await projectTsne(equal, { random: createRandom('a'), exactUpTo, iterations: 300 });
    expect(allFinite(result.coordinates)).toBe(true);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const options = { random: createRandom('a'), iterations: 1e9, signal: controller.signal };
    const running = projectTsne(train, options);
    setTimeout(() => controller.abort(), 100);
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});

describe('fitUmap', () => {
  const { overlap: mark, trustworthiness, transformOverlap } = golden.umap;

  it('keeps neighbours as well as umap-learn, of fitted and of transformed points', async () => {
    const model = await fitUmap(train, { random: createRandom('umap') });
    expect(await overlap(inItself(train), inItself(model.coordinates))).toBeGreaterThan(mark - 0.04);
    const trust = await measureTrustworthiness({
      original: train,
      projected: model.coordinates,
      neighbours: K,
      pause: noPause,
    });
    expect(trust).toBeGreaterThan(trustworthiness - 0.01);
    const placed = await model.transform(test);
    const kept = await overlap(
      { reference: train, queries: test },
      { reference: model.coordinates, queries: placed },
    );
    expect(kept).toBeGreaterThan(transformOverlap - 0.05);
  });

  it('gives the same bits for a seed', async () => {
    const run = async (seed: string) => {
      const model = await fitUmap(train, { random: createRandom(seed), epochs: 20 });
      return [model.coordinates.data, (await model.transform(test)).data];
    };
    expect(await run('a')).toEqual(await run('a'));
    expect((await run('a'))[0]).not.toEqual((await run('b'))[0]);
  });

  it('places a point by itself: alone, in any company, and leaves the fitted where they are', async () => {
    const model = await fitUmap(train, { random: createRandom('a'), epochs: 50 });
    const fitted = model.coordinates.data.slice();
    const together = await model.transform(test);
    const alone = await model.transform(sliceRows(test, 7, 8));
    expect([...alone.data]).toEqual([...together.data.slice(14, 16)]);
    await model.transform(train); // as many as were fitted: umap-js's own transform moves them then
    expect(model.coordinates.data).toEqual(fitted);
  });

  it('places a fitted point next to where it lies', async () => {
    const model = await fitUmap(train, { random: createRandom('a') });
    const again = await model.transform(train);
    const distances = Array.from({ length: train.rows }, (_, row) => {
      const dx = again.data[2 * row] - model.coordinates.data[2 * row];
      const dy = again.data[2 * row + 1] - model.coordinates.data[2 * row + 1];
      return Math.sqrt(dx * dx + dy * dy);
    }).sort((a, b) => a - b);
    expect(distances[Math.floor(train.rows / 2)]).toBeLessThan(1);
  });

  it('lowers the neighbours where points are few, and says so', async () => {
    const model = await fitUmap(sliceRows(train, 0, 9), { random: createRandom('a'), epochs: 10 });
    expect(model.neighbours).toBe(8);
    expect(model.notes).toEqual(['neighbours lowered from 15 to 8: there are 9 points']);
  });

  it.each([1, 2, 3, 4, 6])('maps %i points, and others among them, to finite places', async (count) => {
    const model = await fitUmap(sliceRows(train, 0, count), { random: createRandom('a'), epochs: 50 });
    expect(model.coordinates.rows).toBe(count);
    expect(allFinite(model.coordinates)).toBe(true);
    expect(allFinite(await model.transform(test))).toBe(true);
  });

  it('maps equal points, as a dead embedding gives them', async () => {
    const equal = { data: new Float64Array(90), rows: 30, columns: 3 };
    const model = await fitUmap(equal, { random: createRandom('a'), epochs: 50 });
    expect(allFinite(model.coordinates)).toBe(true);
    expect(allFinite(await model.transform(equal))).toBe(true);
  });

  it('reports epochs and stops when it is told to', async () => {
    const controller = new AbortController();
    let epochs = 0;
    const running = fitUmap(train, {
      random: createRandom('a'),
      epochs: 1e6,
      signal: controller.signal,
      onProgress: () => (epochs += 1),
    });
    setTimeout(() => controller.abort(), 100);
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(epochs).toBeGreaterThan(0);
  });
});

describe('bits', () => {
  const digest = ({ data }: Matrix) =>
    digestBytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).slice(0, 16);

  it('are those recorded on Node 20, x64', async () => {
    const random = createRandom('bits');
    const model = await fitUmap(train, { random, epochs: 60 });
    const exact = await projectTsne(train, { random, iterations: 60 });
    const approximate = await projectTsne(train, { random, iterations: 60, exactUpTo: 10 });
    expect({
      fitted: digest(model.coordinates),
      transformed: digest(await model.transform(test)),
      exact: digest(exact.coordinates),
      approximate: digest(approximate.coordinates),
    }).toMatchInlineSnapshot(`
      {
        "approximate": "62e0149aac4b321c",
        "exact": "c1e828a76acd9d17",
        "fitted": "a41a79d9ff496d57",
        "transformed": "8e38a3d99cea73ca",
      }
    `);
  });
});

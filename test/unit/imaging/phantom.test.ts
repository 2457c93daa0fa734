import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { createRandom } from '../../../src/core/random.ts';
import { createHead, tissueAt } from '../../../src/imaging/phantom/head.ts';
import {
  createCtScanner,
  createMriScanner,
  createPetScanner,
} from '../../../src/imaging/phantom/scanners.ts';
import { MODALITIES, type Modality, phantomSubject } from '../../../src/imaging/phantom.ts';

const subject = (
  modality: Modality,
  change: { subjectIndex?: number; seed?: string; size?: number } = {},
) => {
  const { subjectIndex = 0, seed = 'a', size = 32 } = change;
  return phantomSubject({ modality, subjectIndex, slices: 3, size, random: createRandom(seed) });
};

describe('phantom', () => {
  it('gives the slices asked for, in 0 … 1, from the eyes to the crown', () => {
    for (const modality of MODALITIES) {
      const { slices, levelsMm, pixelMm } = subject(modality);
      expect(slices.map(({ length }) => length)).toEqual([1024, 1024, 1024]);
      expect(pixelMm * 32).toBe(236);
      expect(levelsMm).toEqual(levelsMm.toSorted((a, b) => a - b));
      for (const pixels of slices) {
        expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
        expect(pixels.filter((value) => value > 0.1).length).toBeGreaterThan(100);
        expect(pixels[0]).toBeLessThan(0.1); // the corner is air
      }
    }
  });

  it('depends on seed, modality and subject, and not on what was drawn before', () => {
    const random = createRandom('a');
    random.next();
    const drawn = phantomSubject({ modality: 'MRI', subjectIndex: 0, slices: 3, size: 32, random });
    expect(drawn).toEqual(subject('MRI'));
    const firstSlices = [
      subject('MRI'),
      subject('MRI', { subjectIndex: 1 }),
      subject('MRI', { seed: 'b' }),
      subject('CT'),
    ].map(({ slices }) => slices[0].join());
    expect(new Set(firstSlices).size).toBe(4);
  });

  it.each([
    ['CT', '82a7cd1bfaf935e3'],
    ['MRI', 'ba7b7c433a5a065f'],
    ['PET', '00a4800c0280a14c'],
  ] as const)('gives the same %s bytes on every machine', (modality, digest) => {
    const bytes = new Uint8Array(
      Float32Array.from(subject(modality).slices.flatMap((slice) => [...slice])).buffer,
    );
    expect(digestBytes(bytes).slice(0, 16)).toBe(digest);
  });

  it.each(['0', '1', '2'])('is no gift: k-means on raw pixels stays below .8 (seed %s)', (seed) => {
    const random = createRandom(seed);
    const images = MODALITIES.flatMap((modality, label) =>
      Array.from({ length: 8 }, (_, subjectIndex) =>
        phantomSubject({ modality, subjectIndex, slices: 5, size: 48, random }).slices.map((pixels) => ({
          pixels,
          label,
        })),
      ).flat(),
    );
    const clusters = bestKMeans(
      images.map(({ pixels }) => pixels),
      seed,
    );
    const accuracy = bestMatch(
      images.map(({ label }) => label),
      clusters,
    );
    expect(accuracy).toBeGreaterThan(1 / 3); // else the measure is broken
    expect(accuracy).toBeLessThan(0.8);
  });
});

describe('head', () => {
  const head = createHead(createRandom('head'));
  const at = (x: number, y: number, z: number) =>
    tissueAt(head, {
      x: (x * head.radius[0]) / 76,
      y: (y * head.radius[1]) / 95,
      z: (z * head.radius[2]) / 104,
    });

  it('has eyes, ventricles, nuclei, cerebellum and brain stem where heads have them, on both sides', () => {
    for (const side of [-1, 1]) {
      expect(at(side * 29, 64, -34)).toBe('eye');
      expect(at(side * 9, 20, 10)).toBe('csf');
      expect(at(side * 10, -10, 4)).toBe('deep');
      expect(['grey', 'white']).toContain(at(side * 28, -50, -30));
      expect(at(side * 38, -21, -37)).toBe('bone');
    }
    expect(at(0, -21, -34)).toBe('white');
  });

  it('has skin, fat, bone with marrow, fluid and cortex from the outside to the inside', () => {
    const seen: string[] = [];
    for (let y = -head.radius[1] - 1; y < -50; y += 0.25) {
      const tissue = tissueAt(head, { x: 12, y, z: 25 });
      if (tissue !== seen.at(-1)) seen.push(tissue);
    }
    const layers = ['air', 'skin', 'fat', 'muscle', 'bone', 'marrow', 'bone', 'csf', 'grey'];
    expect(seen.slice(0, layers.length)).toEqual(layers);
  });
});

describe('scanners', () => {
  const level = { pixelMm: 2, levelMm: 30, random: createRandom('noise') };
  const flat = (value: number) => ({ pixels: new Float32Array(400).fill(value), height: 20, width: 20 });
  const mean = (pixels: Float32Array) => pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const request = (seed: string) => ({ brightness: Number(seed) / 7, random: createRandom(seed) });
  const seeds = ['0', '1', '2', '3', '4', '5', '6', '7'];

  it('show bone brightest in CT and air black', () => {
    for (const seed of seeds) {
      const { signal, acquire } = createCtScanner(request(seed));
      const [air, brain, bone] = [signal.air, signal.white, signal.bone].map((value) =>
        mean(acquire(flat(value), level)),
      );
      expect(air).toBeLessThan(0.02);
      expect(brain).toBeGreaterThan(0.1);
      expect(bone).toBeGreaterThan(brain + 0.1);
    }
  });

  it('show white matter above grey above fluid above bone in MRI', () => {
    for (const seed of seeds) {
      const { signal, acquire } = createMriScanner(request(seed));
      const [white, grey, csf, bone] = (['white', 'grey', 'csf', 'bone'] as const).map((tissue) =>
        mean(acquire(flat(signal[tissue]), level)),
      );
      expect(white > grey && grey > csf && csf > bone).toBe(true);
    }
  });

  it('give MRI the noise of a magnitude image: never negative, about 1.25 deviations where there is no signal', () => {
    const { acquire } = createMriScanner(request('0'));
    const values = acquire(flat(0), level);
    const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length / 2);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    // Rayleigh: the mean is σ·√(π/2), and the mean square 2σ².
    expect(mean(values) / spread).toBeCloseTo(Math.sqrt(Math.PI / 2), 1);
  });

  it('blur an edge over several millimetres in PET and not in CT', () => {
    const edge = {
      pixels: new Float32Array(400).map((_, index) => (index % 20 < 10 ? 0 : 1)),
      height: 20,
      width: 20,
    };
    const pet = createPetScanner(request('1')).acquire(edge, level);
    const column = (x: number) => mean(Float32Array.from({ length: 20 }, (_, y) => pet[y * 20 + x]));
    expect(column(8) / column(15)).toBeGreaterThan(0.02);
    expect(column(11) / column(15)).toBeLessThan(0.98);
    expect(column(2)).toBeLessThan(0.01);
  });
});

/** Lloyd from ten random starts, the best inertia kept. */
function bestKMeans(images: readonly Float32Array[], seed: string): number[] {
  const random = createRandom(`k-means ${seed}`);
  let best = { inertia: Number.POSITIVE_INFINITY, clusters: [] as number[] };
  for (let start = 0; start < 10; start++) {
    let centres = [...random.permutation(images.length).subarray(0, 3)].map((index) =>
      Float32Array.from(images[index]),
    );
    let clusters: number[] = [];
    let inertia = 0;
    for (let iteration = 0; iteration < 30; iteration++) {
      inertia = 0;
      clusters = images.map((image) => {
        const distances = centres.map((centre) => squaredDistance(image, centre));
        inertia += Math.min(...distances);
        return distances.indexOf(Math.min(...distances));
      });
      centres = centres.map((centre, cluster) => {
        const members = images.filter((_, index) => clusters[index] === cluster);
        return centre.map((value, pixel) =>
          members.length === 0
            ? value
            : members.reduce((sum, member) => sum + member[pixel], 0) / members.length,
        );
      });
    }
    if (inertia < best.inertia) best = { inertia, clusters };
  }
  return best.clusters;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] - b[index]) * (a[index] - b[index]);
  return sum;
}

/** Accuracy under the best of the six ways to name three clusters. */
function bestMatch(labels: readonly number[], clusters: readonly number[]): number {
  const namings = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const hits = namings.map(
    (naming) => labels.filter((label, index) => naming[clusters[index]] === label).length,
  );
  return Math.max(...hits) / labels.length;
}

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { readImageSet, readImages } from '../../src/formats/image-set.ts';
import { readLabels } from '../../src/formats/tables.ts';
import { kmeans } from '../../src/ml/kmeans.ts';
import { measureAccuracy } from '../../src/ml/metrics/accuracy.ts';
import { arrayDigests, clade, eventsOf, ROOT, sharedData, temporaryFolder } from '../support/clade.ts';

/** The pipelines that ship with clade, cut short: that every step of them works on its real data. */
const place = temporaryFolder();
afterAll(() => place.remove());

/** A copy in which training is short, its paths made absolute. */
function shortened(name: string, edits: readonly (readonly [from: RegExp, to: string])[]): string {
  const file = join(ROOT, 'pipelines', name);
  let text = readFileSync(file, 'utf8').replaceAll('../', `${dirname(dirname(file))}/`);
  for (const [from, to] of edits) {
    expect(text, `${name} has ${from}`).toMatch(from);
    text = text.replace(from, to);
  }
  const copy = join(place.path, name);
  writeFileSync(copy, text);
  return copy;
}

async function run(file: string, ...args: string[]) {
  const called = await clade(['run', file, '--json', ...args], { cwd: place.path });
  expect(called.exitCode, called.stderr + called.stdout.slice(-3000)).toBe(0);
  return eventsOf(called.stdout);
}

/** Accuracy of k-means (k = 3) on the pixels of a step's images, against the classes. */
async function pixelAccuracy(steps: string, step: string): Promise<number> {
  const images = await readImages(await readImageSet(join(steps, step)));
  const classes = await readLabels(join(steps, 'ingest'));
  const names = [...new Set(classes.values())].sort();
  const columns = images[0].pixels.length;
  const data = new Float32Array(images.length * columns);
  for (const [row, { pixels }] of images.entries()) data.set(pixels, row * columns);
  const points = { data, rows: images.length, columns };
  const { assignments } = kmeans(points, { k: 3 }, createRandom('pixels'));
  return measureAccuracy(
    Uint32Array.from(images, ({ id }) => names.indexOf(classes.get(id)!)),
    assignments,
  );
}

describe('quickstart.yaml', () => {
  it('runs every kind of stage on the phantom, twice to the same bytes', async () => {
    const file = shortened('quickstart.yaml', [[/epochs: \d+/, 'epochs: 3']]);
    const events = await run(file);
    const stages = new Set(events.flatMap((event) => (event.event === 'step-planned' ? [event.uses] : [])));
    const catalogue = JSON.parse(readFileSync(join(ROOT, 'dist/catalogue.json'), 'utf8'));
    const own = ['command']; // has pipelines of its own
    const kinds = Object.keys(catalogue.stages).filter((name) => !own.includes(name));
    expect([...stages].sort()).toEqual(kinds.sort());
    const first = arrayDigests(join(place.path, 'artifacts'));
    for (const step of ['ingest', 'normalise']) {
      const accuracy = await pixelAccuracy(join(place.path, 'artifacts/runs/latest/steps'), step);
      expect(accuracy, `k-means on the pixels of ${step}`).toBeLessThan(0.8); // the phantom is no gift
    }
    await run(file, '--artifacts', 'again', '-j', '1');
    expect(arrayDigests(join(place.path, 'again'))).toEqual(first);
  }, 900_000);
});

describe('mnist.yaml', () => {
  it('runs the published network on real MNIST', async () => {
    const file = shortened('mnist.yaml', [[/epochs: \d+/, 'epochs: 1']]);
    await run(file, '--set', 'images=200', '--set', 'testImages=100', '--artifacts', 'mnist');
    const training = JSON.parse(
      readFileSync(join(place.path, 'mnist/runs/latest/steps/pretrain/training.json'), 'utf8'),
    );
    expect(training.epochs).toBe(1);
    const classes = readFileSync(join(place.path, 'mnist/runs/latest/steps/ingest/labels.csv'), 'utf8');
    expect(
      new Set(
        classes
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => line.split(',')[1]),
      ).size,
    ).toBe(10);
  }, 900_000);
});

const heads = sharedData('thesis-heads');
if (!heads)
  process.stderr.write(
    'test/e2e/shipped-pipelines: thesis SKIPPED, the real slices are not beside this checkout\n',
  );

describe.skipIf(!heads)('thesis.yaml', () => {
  it('reads the 994 slices as the study split them, and has its 48,548 parameters', async () => {
    const file = shortened('thesis.yaml', [
      [/(with: \{ embeddingDim: "\$\{\{ params\.embeddingDim \}\}")/, '$1, epochs: 1'],
      [/with: \{ method: dec \}/, 'with: { method: dec, maxIterations: 20 }'],
      [/with: \{ method: dcec,/, 'with: { maxIterations: 20, method: dcec,'],
    ]);
    await run(file, '--set', `data=${heads}`, '--set', 'seed=0', '--artifacts', 'thesis');
    const json = (path: string) =>
      JSON.parse(readFileSync(join(place.path, 'thesis/runs/latest/steps', path), 'utf8'));
    expect(json('split/dataset.json').counts).toEqual({ train: 637, val: 172, test: 185 });
    expect(json('pretrain@seed=0/training.json').parameters).toBe(48_548);
  }, 900_000);

  it('thesis-sweep.yaml plans nine pretrainings and DECs, 27 DCECs, and three collecting steps', async () => {
    const { stdout } = await clade(
      ['graph', join(ROOT, 'pipelines/thesis-sweep.yaml'), '--set', `data=${heads}`],
      { cwd: place.path },
    );
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s/)[0]);
    const count = (key: string) => ids.filter((id) => id.split('@')[0] === key).length;
    expect([count('ingest'), count('pretrain'), count('finetune-dec'), count('finetune-dcec')]).toEqual([
      1, 9, 9, 27,
    ]);
    expect([count('table'), count('figure-3-9'), count('figure-3-10')]).toEqual([1, 1, 1]);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clade, eventsOf, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** d × γ × seed over the small pipeline, DEC beside DCEC, and a table over all of it. */
const SWEEP = `${SMALL_PIPELINE.slice(0, SMALL_PIPELINE.indexOf('  project:'))
  .replace('gamma: 0.1 }', 'gamma: 0.1, d: 2 }')
  .replace('embeddingDim: 2', 'embeddingDim: "${{ params.d }}"')
  .replace('epochs: 12', 'epochs: 4')}
  dec:
    uses: finetune
    needs: { dataset: split, model: pretrain, centres: kmeans-init }
    with: { method: dec, maxIterations: 20, batch: 8 }
  evaluate-dec: { uses: evaluate, needs: { dataset: split, model: dec, labels: ingest }, with: { resamples: 0 } }
  table: { uses: summarise, needs: { dec: evaluate-dec, dcec: evaluate }, over: [d, gamma, seed], with: { axis: d } }
sweep:
  grid: { d: [2, 3], gamma: [0.1, 1], seed: [0, 1] }
`;

let place = temporaryFolder();
beforeEach(() => {
  place = temporaryFolder();
  makePictureFolder(join(place.path, 'data'));
  writeFileSync(join(place.path, 'sweep.yaml'), SWEEP);
});
afterEach(() => place.remove());

const run = (...args: string[]) => clade(['run', 'sweep.yaml', '--json', ...args], { cwd: place.path });

function counts(stdout: string): { [stage: string]: number } {
  const keys = eventsOf(stdout).flatMap((event) =>
    event.event === 'step-finished' ? [event.stepId.split('@')[0]] : [],
  );
  return Object.fromEntries([...new Set(keys)].map((key) => [key, keys.filter((one) => one === key).length]));
}

describe('a sweep of d × γ × seed', () => {
  it('computes what points share once, tabulates all, and computes only what a new point needs', async () => {
    const first = await run();
    expect(first.exitCode, first.stderr + first.stdout).toBe(0);
    expect(counts(first.stdout)).toEqual({
      ingest: 1,
      normalise: 1,
      split: 1,
      pretrain: 4, // d × seed
      'kmeans-init': 4,
      dec: 4, // no γ
      'evaluate-dec': 4,
      finetune: 8, // d × γ × seed
      evaluate: 8,
      table: 1,
    });
    const table = readFileSync(join(place.path, 'artifacts/runs/latest/steps/table/table.csv'), 'utf8');
    expect(table).toMatch(/dcec/);

    const rows = JSON.parse((await clade(['compare', 'latest', '--json'], { cwd: place.path })).stdout).rows;
    expect(rows).toHaveLength(8);
    expect(rows[0]).toEqual({
      runId: expect.any(String),
      point: { d: 2, gamma: 0.1, seed: 0 },
      metrics: expect.objectContaining({
        'evaluate.test.acc': expect.any(Number),
        'evaluate-dec.test.acc': expect.any(Number),
      }),
    });

    writeFileSync(join(place.path, 'sweep.yaml'), SWEEP.replace('gamma: [0.1, 1]', 'gamma: [0.1, 1, 2]'));
    const more = await run();
    expect(counts(more.stdout)).toEqual({ finetune: 4, evaluate: 4, table: 1 });

    const fixed = await run('--set', 'gamma=0.1', '--set', 'seed=1');
    expect(counts(fixed.stdout)).toEqual({ table: 1 }); // other points, another table
  }, 120_000);
});

/** A search over γ: three points drawn, of two seeds, and one of the cluster counts is impossible. */
const SEARCH = SWEEP.replace('d: 2 }', 'd: 2, k: 3 }')
  .replace('clusters: 3', 'clusters: "${{ params.k }}"')
  .replace('over: [d, gamma, seed], with: { axis: d }', 'over: [gamma, k]')
  .replace(
    /sweep:[\s\S]*/,
    'sweep: { name: search, grid: { k: [3, 500] }, random: { points: 2, gamma: { logUniform: [0.01, 1] } } }\n',
  );

describe('a search that is drawn at random', () => {
  it('names the points that failed, makes do where allowed, and computes only what is new', async () => {
    writeFileSync(join(place.path, 'sweep.yaml'), SEARCH);
    const first = await run('--keep-going');
    expect(first.exitCode).toBe(1);
    expect(counts(first.stdout)).toMatchObject({ pretrain: 1, 'kmeans-init': 1, finetune: 2, dec: 1 });
    const events = eventsOf(first.stdout);
    expect(events[0]).toMatchObject({ event: 'run-started', sweep: 'search', points: 4 });
    const failed = events.find((event) => event.event === 'step-failed' && event.stepId === 'table');
    expect(failed).toMatchObject({
      reason: 'missing-points',
      message: expect.stringMatching(
        /'dec' lacks 1 of 2: evaluate-dec@k=500 was skipped\n'dcec' lacks 2 of 4/,
      ),
    });

    writeFileSync(
      join(place.path, 'sweep.yaml'),
      SEARCH.replace('over: [gamma, k]', 'over: [gamma, k], missing: allow'),
    );
    const allowed = await run('--keep-going');
    expect(counts(allowed.stdout)).toEqual({ table: 1 });
    const made = eventsOf(allowed.stdout).find((event) => event.event === 'step-finished');
    expect(made).toMatchObject({
      notes: [expect.stringContaining('made without 3 points that had no artifact')],
    });

    // Two runs of a larger budget at once, on points that can be made: what is there is reused, and each
    // new step is made by one of them.
    writeFileSync(
      join(place.path, 'sweep.yaml'),
      SEARCH.replace('[3, 500]', '[3]').replace('points: 2', 'points: 4'),
    );
    const both = await Promise.all([run(), run()]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const made2 = both.map(({ stdout }) => counts(stdout));
    const total = (stage: string) => (made2[0][stage] ?? 0) + (made2[1][stage] ?? 0);
    expect({ finetune: total('finetune'), evaluate: total('evaluate'), table: total('table') }).toEqual({
      finetune: 2,
      evaluate: 2,
      table: 1,
    });
    expect(total('pretrain') + total('kmeans-init') + total('dec')).toBe(0);
  }, 120_000);
});

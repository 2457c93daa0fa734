import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageDeclaration } from '../../../src/core/declaration.ts';
import type { StageRun } from '../../../src/core/stage.ts';
import { writeDataset } from '../../../src/formats/dataset.ts';
import { readModel } from '../../../src/formats/model.ts';
import { writeLabels } from '../../../src/formats/tables.ts';
import evaluateDeclaration from '../../../src/stages/evaluate/declaration.ts';
import evaluate from '../../../src/stages/evaluate/run.ts';
import figuresDeclaration from '../../../src/stages/figures/declaration.ts';
import figures from '../../../src/stages/figures/run.ts';
import finetuneDeclaration from '../../../src/stages/finetune/declaration.ts';
import finetune from '../../../src/stages/finetune/run.ts';
import kmeansDeclaration from '../../../src/stages/kmeans-init/declaration.ts';
import kmeans from '../../../src/stages/kmeans-init/run.ts';
import pretrainDeclaration from '../../../src/stages/pretrain/declaration.ts';
import pretrain from '../../../src/stages/pretrain/run.ts';
import projectDeclaration from '../../../src/stages/project/declaration.ts';
import project from '../../../src/stages/project/run.ts';
import {
  failureOf,
  makeTempFolder,
  runStage,
  type StageOutcome,
  type StageTrial,
} from '../../support/stage-context.ts';
import { tinyImages } from '../../support/training-fixtures.ts';
import { digestsOf, filesOf, jsonOf, textOf, undeclared } from './stage-files.ts';

const stages = {
  pretrain: { declaration: pretrainDeclaration, run: pretrain },
  'kmeans-init': { declaration: kmeansDeclaration, run: kmeans },
  finetune: { declaration: finetuneDeclaration, run: finetune },
  evaluate: { declaration: evaluateDeclaration, run: evaluate },
  project: { declaration: projectDeclaration, run: project },
  figures: { declaration: figuresDeclaration, run: figures },
} as { [name: string]: { declaration: StageDeclaration; run: StageRun<never> } };

const NETWORK = { filters: [3, 4], kernels: [3, 3], strides: [2, 2], embeddingDim: 2 };
const PRETRAIN = { ...NETWORK, epochs: 4, batch: 6, learningRate: 0.01 };
const FINETUNE = { updateInterval: 2, maxIterations: 6, batch: 8, learningRate: 0.005, tolerance: 0 };

let folder: string;
let remove: () => void;
let dataset: string;
let labels: string;
const made: { [step: string]: StageOutcome } = {};

const step = (name: string, stage: string, trial: StageTrial) =>
  runStage(stages[stage], join(folder, name), trial);

/** 24 train, 9 val and 9 test pictures of three kinds; the kind is the class. */
beforeAll(async () => {
  ({ folder, remove } = makeTempFolder());
  [dataset, labels] = [join(folder, 'dataset'), join(folder, 'labels')];
  mkdirSync(labels);
  const { images } = tinyImages(42);
  const classes = new Map<string, string>();
  const part = (from: number, to: number) => {
    const ids = Array.from({ length: to - from }, (_, row) => `i${String(from + row).padStart(2, '0')}`);
    for (const [row, id] of ids.entries()) classes.set(id, ['above', 'left', 'middle'][(from + row) % 3]);
    const subjects = ids.map((_, row) => `s${Math.floor((from + row) / 3)}`);
    return { images: images.slice(from * 64, to * 64), ids, subjects };
  };
  await writeDataset(dataset, {
    height: 8,
    width: 8,
    mean: { train: 0.5, val: 0.5, test: 0.5 },
    centring: 'train',
    splits: { train: part(0, 24), val: part(24, 33), test: part(33, 42) },
  });
  await writeLabels(labels, classes);
  made.pretrain = await step('pretrain', 'pretrain', { params: PRETRAIN, inputs: { dataset } });
  const model = made.pretrain.out;
  made.centres = await step('centres', 'kmeans-init', {
    params: { restarts: 3 },
    inputs: { dataset, model },
  });
  const centres = made.centres.out;
  for (const method of ['dec', 'dcec'])
    made[method] = await step(method, 'finetune', {
      params: { ...FINETUNE, method },
      inputs: { dataset, model, centres },
    });
}, 60_000);
afterAll(() => remove());

describe('pretrain', () => {
  it('writes a model, its history and what ended it', () => {
    expect(undeclared(pretrainDeclaration, made.pretrain.out)).toEqual([]);
    expect(textOf(made.pretrain.out, 'history.csv').split('\n').length).toBe(1 + 4 + 1);
    expect(jsonOf(made.pretrain.out, 'training.json')).toMatchObject({ epochs: 4, stoppedBy: 'max-epochs' });
    expect(made.pretrain.metrics.map(({ name, split }) => [name, split])).toEqual([
      ['epochs', null],
      ['mse', 'val'],
    ]);
  });

  it('ends in the same bytes when it was interrupted after an epoch', async () => {
    const checkpoints: Map<string, Uint8Array>[] = [];
    const trial = { params: PRETRAIN, inputs: { dataset } };
    await step('whole', 'pretrain', { ...trial, checkpoints });
    const resumed = await step('resumed', 'pretrain', { ...trial, checkpoints: checkpoints.slice(0, 2) });
    expect(resumed.progress.map(({ done }) => done)).toEqual([3, 4]);
    expect(digestsOf(resumed.out)).toEqual(digestsOf(made.pretrain.out));
  });

  it('refuses a network that does not fit the images', async () => {
    const params = { ...PRETRAIN, kernels: [3] };
    const failure = await failureOf(step('misfit', 'pretrain', { params, inputs: { dataset } }));
    expect(failure).toMatchObject({ reason: 'bad-parameter', message: expect.stringMatching(/^kernels:/) });
  });
});

describe('kmeans-init', () => {
  it('writes centres, and a cluster for every train item', () => {
    expect(undeclared(kmeansDeclaration, made.centres.out)).toEqual([]);
    const sizes = jsonOf(made.centres.out, 'kmeans.json').trainSizes as number[];
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(24);
  });

  it('fails where there are more clusters than distinct images', async () => {
    const inputs = { dataset, model: made.pretrain.out };
    const failure = await failureOf(step('many', 'kmeans-init', { params: { clusters: 30 }, inputs }));
    expect(failure.reason).toBe('bad-parameter');
  });

  it('says where test images were let in', async () => {
    const inputs = { dataset, model: made.pretrain.out };
    const { notes } = await step('all', 'kmeans-init', { params: { fitOn: 'all' }, inputs });
    expect(notes.join()).toContain('val and test included');
  });
});

describe('finetune', () => {
  it('saves the clusters of every split at every update', () => {
    for (const method of ['dec', 'dcec']) {
      expect(undeclared(finetuneDeclaration, made[method].out)).toEqual([]);
      // Updates at iterations 0, 2, 4 and 6.
      expect(textOf(made[method].out, 'updates.csv').trim().split('\n').length).toBe(1 + 4);
      expect(filesOf(made[method].out)).toContain('assignments/val.npy');
    }
  });

  it('drops the decoder for dec, keeps it for dcec', async () => {
    expect((await readModel(made.dec.out)).network.decoder).toEqual([]);
    expect((await readModel(made.dcec.out)).network.decoder.length).toBeGreaterThan(0);
    expect(jsonOf(made.dec.out, 'clustering.json')).toMatchObject({ method: 'dec', gamma: null });
    expect(jsonOf(made.dcec.out, 'clustering.json')).toMatchObject({ method: 'dcec', gamma: 0.01 });
  });

  it('ends in the same bytes when it was interrupted after an update', async () => {
    const checkpoints: Map<string, Uint8Array>[] = [];
    const inputs = { dataset, model: made.pretrain.out, centres: made.centres.out };
    const trial = { params: { ...FINETUNE, method: 'dcec' }, inputs };
    await step('dcec-whole', 'finetune', { ...trial, checkpoints });
    const resumed = await step('dcec-resumed', 'finetune', {
      ...trial,
      checkpoints: checkpoints.slice(0, 1),
    });
    expect(resumed.progress.length).toBeLessThan(made.dcec.progress.length);
    expect(digestsOf(resumed.out)).toEqual(digestsOf(made.dcec.out));
  });

  it('refuses a model without a decoder for dcec', async () => {
    const inputs = { dataset, model: made.dec.out, centres: made.centres.out };
    const failure = await failureOf(step('headless', 'finetune', { params: { method: 'dcec' }, inputs }));
    expect(failure).toMatchObject({ reason: 'bad-input', message: expect.stringMatching(/decoder/) });
  });
});

describe('evaluate', () => {
  const judge = (name: string, inputs: { [input: string]: string }, params = {}) =>
    step(name, 'evaluate', { inputs: { dataset, labels, ...inputs }, params: { resamples: 50, ...params } });

  it('measures every split, the loss on train alone, and the reconstruction where there is a decoder', async () => {
    const names = (outcome: StageOutcome) => outcome.metrics.map(({ name, split }) => `${split}.${name}`);
    const cae = await judge('evaluate-cae', { model: made.pretrain.out, centres: made.centres.out });
    const dec = await judge('evaluate-dec', { model: made.dec.out });
    expect(names(cae)).toEqual([
      ...['train', 'val', 'test'].flatMap((split) =>
        ['acc', 'accLow', 'accHigh', 'nmi', 'ari', 'mse'].map((metric) => `${split}.${metric}`),
      ),
      'train.kl',
    ]);
    expect(names(dec)).not.toContain('test.mse');
    expect(filesOf(cae.out)).not.toContain('curve.csv');
    expect(undeclared(evaluateDeclaration, dec.out)).toEqual([]);
    expect(cae.notes).toEqual([
      '95 % intervals on accuracy resample 8 subjects of train, 3 subjects of val, 3 subjects of test',
    ]);
  });

  it("ends the curve at the model's own accuracy", async () => {
    const { out, metrics } = await judge('evaluate-dcec', { model: made.dcec.out });
    const rows = textOf(out, 'curve.csv').trim().split('\n').slice(1);
    expect(rows.length).toBe(3 * 4);
    const last = rows
      .filter((row) => row.includes(',test,'))
      .at(-1)!
      .split(',');
    expect(Number(last[3])).toBe(
      metrics.find(({ name, split }) => name === 'acc' && split === 'test')!.value,
    );
  });

  it('wants centres for a pretrained model, and none for a finetuned one', async () => {
    const none = await failureOf(judge('no-centres', { model: made.pretrain.out }));
    const two = await failureOf(judge('two-centres', { model: made.dcec.out, centres: made.centres.out }));
    for (const failure of [none, two])
      expect(failure).toMatchObject({ reason: 'bad-parameter', message: expect.stringMatching(/^centres:/) });
  });

  it('fails where an item has no label, naming it', async () => {
    const few = join(folder, 'few-labels');
    await writeLabels(few, new Map([['i00', 'above']]));
    const failure = await failureOf(judge('unlabelled', { labels: few, model: made.dcec.out }));
    expect(failure.message).toMatch(/^labels\.csv: no value for 23 of 24 items: i01/);
  });

  it('can draw clusters from a fresh k-means on q, and says so', async () => {
    const { notes } = await judge('kmeans-on-q', { model: made.dcec.out }, { predict: 'kmeans-on-q' });
    expect(notes.join()).toContain('for the reproduction only');
  });
});

describe('project and figures', () => {
  it('fits UMAP on train, places all splits and centres, makes t-SNE of test; and draws what there is', async () => {
    const projected = await step('project', 'project', {
      inputs: { dataset, model: made.dcec.out },
      params: { iterations: 250 },
    });
    expect(undeclared(projectDeclaration, projected.out)).toEqual([]);
    expect(textOf(projected.out, 'umap.csv').trim().split('\n').length).toBe(1 + 42);
    expect(textOf(projected.out, 'tsne.csv').trim().split('\n').length).toBe(1 + 9);
    const judged = await step('judged', 'evaluate', {
      inputs: { dataset, labels, model: made.dcec.out },
      params: { resamples: 0 },
    });
    const drawn = await step('figures', 'figures', {
      inputs: {
        dataset,
        labels,
        model: made.dcec.out,
        history: made.pretrain.out,
        updates: made.dcec.out,
        projection: projected.out,
        metrics: judged.out,
      },
      params: { scale: 1 },
    });
    const declared = figuresDeclaration.outputs.map(({ path }) => path);
    expect(filesOf(drawn.out)).toEqual(declared.toSorted());
    expect(textOf(drawn.out, 'samples.svg')).toContain('middle');
  });

  it('draws what its inputs have: of a model without decoder no reconstructions, without labels no classes', async () => {
    const { out, notes } = await step('few-figures', 'figures', { inputs: { dataset, model: made.dec.out } });
    expect(filesOf(out).filter((path) => path.endsWith('.svg'))).toEqual(['architecture.svg', 'samples.svg']);
    expect(notes).toEqual(['no reconstructions: the model has no decoder']);
  });
});

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { drawArchitecture } from '../../charts/architecture.ts';
import { drawLossCurves } from '../../charts/loss-curves.ts';
import { drawUpdateCurves } from '../../charts/update-curves.ts';
import type { StageContext } from '../../core/stage.ts';
import { readJsonFile } from '../../formats/artifact-file.ts';
import { readCentres, readModel } from '../../formats/model.ts';
import type { Parameters } from './declaration.ts';
import type { Drawing } from './drawing.ts';
import { readColumns } from './read-columns.ts';

/** What was trained, and how it went. */
export async function drawTraining(context: StageContext<Parameters>): Promise<Drawing[]> {
  const model = context.optionalInput('model');
  const history = context.optionalInput('history');
  const updates = context.optionalInput('updates');
  return [
    ...(model === null ? [] : [await drawModel(model)]),
    ...(history === null ? [] : [await drawPretraining(history)]),
    ...(updates === null ? [] : await drawFinetuning(updates)),
  ];
}

/** A finetuned model has centres, and a clustering layer on its embedding. */
async function drawModel(folder: string): Promise<Drawing> {
  const { network } = await readModel(folder);
  const isFinetuned = await access(join(folder, 'centres.npy')).then(
    () => true,
    () => false,
  );
  const clusters = isFinetuned ? (await readCentres(folder)).count : undefined;
  return { name: 'architecture', svg: drawArchitecture({ network, clusters }) };
}

async function drawPretraining(folder: string): Promise<Drawing> {
  const table = await readColumns(folder, 'history.csv');
  const { bestEpoch } = await readJsonFile(folder, 'training.json');
  const series = [
    { name: 'train', values: table.numbers('trainLoss') },
    { name: 'validation', values: table.numbers('valLoss') },
  ].filter(({ values }) => values.some(Number.isFinite));
  return { name: 'loss', svg: drawLossCurves({ series, bestEpoch: bestEpoch as number }) };
}

async function drawFinetuning(folder: string): Promise<Drawing[]> {
  const table = await readColumns(folder, 'updates.csv');
  const losses = [
    { name: 'total', values: table.numbers('loss') },
    { name: 'reconstruction', values: table.numbers('reconstructionLoss') },
    { name: 'clustering', values: table.numbers('clusteringLoss') },
  ].filter(({ values }) => values.some(Number.isFinite));
  // Without a reconstruction error the total is the clustering loss, and would be drawn twice.
  const series = losses.length === 3 ? losses : losses.slice(-1);
  return [
    { name: 'updates', svg: drawLossCurves({ series, xLabel: 'update', yLabel: 'loss' }) },
    { name: 'cluster-sizes', svg: drawSizes(table) },
  ];
}

function drawSizes(table: Awaited<ReturnType<typeof readColumns>>): string {
  const sizes = table.names.filter((name) => /^size\d+$/.test(name)).map((name) => table.numbers(name));
  const total = sizes.reduce((sum, values) => sum + values[0], 0);
  const clusters = sizes.map((values, cluster) => ({
    name: `cluster ${cluster}`,
    values: values.map((size) => size / total),
  }));
  return drawUpdateCurves({
    updates: table.numbers('iteration'),
    panels: [
      {
        name: 'share of train images',
        series: [...clusters, { name: 'changed since the last update', values: table.numbers('delta') }],
      },
    ],
    width: 440,
    height: 250,
  });
}

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { drawConfusionMatrix } from '../../charts/confusion-matrix.ts';
import { drawUpdateCurves } from '../../charts/update-curves.ts';
import { fail } from '../../core/failure.ts';
import type { StageContext } from '../../core/stage.ts';
import { readJsonFile } from '../../formats/artifact-file.ts';
import type { Parameters } from './declaration.ts';
import type { Drawing } from './drawing.ts';
import { readColumns } from './read-columns.ts';

/** How well clusters agree with true classes: at the end, and on the way there. */
export async function drawAgreement(context: StageContext<Parameters>): Promise<Drawing[]> {
  const folder = context.optionalInput('metrics');
  if (folder === null) return [];
  const confusion = await drawConfusion(folder, context);
  const curve = (await hasCurve(folder)) ? [{ name: 'agreement', svg: await drawCurve(folder) }] : [];
  return [...confusion, ...curve];
}

interface ConfusionOfSplit {
  readonly counts: readonly (readonly number[])[];
  readonly clusterOfColumn: readonly (number | null)[];
}

async function drawConfusion(folder: string, { params, note }: StageContext<Parameters>): Promise<Drawing[]> {
  const { classes, splits } = await readJsonFile(folder, 'confusion.json');
  if (!Array.isArray(classes) || typeof splits !== 'object' || splits === null)
    fail('bad-input', 'confusion.json: expected classes and splits');
  const confusion = (splits as { readonly [split: string]: ConfusionOfSplit | undefined })[params.split];
  if (!confusion) {
    note(`no confusion matrix: nothing was evaluated in ${params.split}`);
    return [];
  }
  const { counts, clusterOfColumn } = confusion;
  const columnNames = clusterOfColumn.map((cluster, column) => classes[column] ?? `cluster ${cluster}`);
  return [{ name: 'confusion', svg: drawConfusionMatrix({ counts, rowNames: classes, columnNames }) }];
}

async function drawCurve(folder: string): Promise<string> {
  const table = await readColumns(folder, 'curve.csv');
  const rowSplits = table.text('split');
  const splits = [...new Set(rowSplits)];
  const ofSplit = (values: readonly number[], split: string) =>
    values.filter((_, row) => rowSplits[row] === split);
  return drawUpdateCurves({
    updates: ofSplit(table.numbers('iteration'), splits[0]),
    panels: ['acc', 'nmi', 'ari'].map((metric) => ({
      name: metric.toUpperCase(),
      series: splits.map((split) => ({ name: split, values: ofSplit(table.numbers(metric), split) })),
    })),
  });
}

/** Only finetuned models have one. */
async function hasCurve(folder: string): Promise<boolean> {
  return access(join(folder, 'curve.csv')).then(
    () => true,
    () => false,
  );
}

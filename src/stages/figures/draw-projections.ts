import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { drawScatter, type ScatterInput } from '../../charts/scatter.ts';
import { byCodeUnit } from '../../core/json.ts';
import type { StageContext } from '../../core/stage.ts';
import { joinById, readLabels } from '../../formats/tables.ts';
import type { Parameters } from './declaration.ts';
import type { Drawing } from './drawing.ts';
import { type Columns, readColumns } from './read-columns.ts';

/** UMAP with the cells of the centres, and t-SNE; by cluster, and where labels are given by class. */
export async function drawProjections(context: StageContext<Parameters>): Promise<Drawing[]> {
  const folder = context.optionalInput('projection');
  if (folder === null) return [];
  const labelsFolder = context.optionalInput('labels');
  const labels = labelsFolder === null ? null : await readLabels(labelsFolder);
  const drawings: Drawing[] = [];
  if (await exists(join(folder, 'umap.csv'))) {
    const points = pointsOf(await readColumns(folder, 'umap.csv'), context.params.split);
    const centres = await readColumns(folder, 'umap-centres.csv');
    drawings.push(...drawPair({ name: 'umap', axes: 'UMAP', points, centres, labels }));
  }
  if (await exists(join(folder, 'tsne.csv'))) {
    const points = pointsOf(await readColumns(folder, 'tsne.csv'), 'test');
    drawings.push(...drawPair({ name: 'tsne', axes: 't-SNE', points, centres: null, labels }));
  }
  return drawings;
}

interface Points {
  readonly ids: readonly string[];
  /** [n, 2] */
  readonly coordinates: readonly number[];
  readonly clusters: readonly number[];
}

function pointsOf(table: Columns, split: Parameters['split']): Points {
  const [ids, x, y] = [table.text('id'), table.numbers('x'), table.numbers('y')];
  const clusters = table.numbers('cluster');
  const rows = table.text('split').flatMap((name, row) => (name === split ? [row] : []));
  return {
    ids: rows.map((row) => ids[row]),
    coordinates: rows.flatMap((row) => [x[row], y[row]]),
    clusters: rows.map((row) => clusters[row]),
  };
}

interface PairRequest {
  readonly name: string;
  /** What the axes are called. */
  readonly axes: string;
  readonly points: Points;
  readonly centres: Columns | null;
  readonly labels: ReadonlyMap<string, string> | null;
}

function drawPair({ name, axes, points, centres, labels }: PairRequest): Drawing[] {
  const { ids, coordinates, clusters } = points;
  const count = Math.max(-1, ...(centres?.numbers('cluster') ?? []), ...clusters) + 1;
  const common: Pick<ScatterInput, 'coordinates' | 'xLabel' | 'yLabel'> = {
    coordinates,
    xLabel: `${axes} 1`,
    yLabel: `${axes} 2`,
  };
  const byCluster = drawScatter({
    ...common,
    classes: clusters,
    classNames: Array.from({ length: count }, (_, cluster) => `cluster ${cluster}`),
    ...(centres ? { centres: { ...placesOf(centres), classes: centres.numbers('cluster') } } : {}),
  });
  if (!labels) return [{ name: `${name}-by-cluster`, svg: byCluster }];
  const classes = [...new Set(labels.values())].sort(byCodeUnit);
  const byLabel = drawScatter({
    ...common,
    classes: joinById(ids, labels, 'labels.csv').map((label) => classes.indexOf(label)),
    classNames: classes,
    ...(centres ? { centres: placesOf(centres) } : {}),
  });
  return [
    { name: `${name}-by-cluster`, svg: byCluster },
    { name: `${name}-by-label`, svg: byLabel },
  ];
}

function placesOf(centres: Columns): { coordinates: number[]; names: string[] } {
  const [x, y] = [centres.numbers('x'), centres.numbers('y')];
  return { coordinates: x.flatMap((value, row) => [value, y[row]]), names: centres.text('cluster') };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

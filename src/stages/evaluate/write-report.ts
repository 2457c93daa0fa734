import type { Metric } from '../../core/artifact.ts';
import type { Json } from '../../core/json.ts';
import { writeArtifactFile, writeJsonFile } from '../../formats/artifact-file.ts';
import type { ClusteredModel } from '../../formats/clustering.ts';
import { writeCsv } from '../../formats/csv.ts';
import { clusterSizes } from '../../ml/kmeans.ts';
import type { Parameters } from './declaration.ts';
import type { CurveRow } from './measure-curve.ts';
import type { ScoredSplit } from './score-split.ts';

export interface Report {
  readonly params: Parameters;
  readonly model: ClusteredModel;
  /** Names of classes, by number. */
  readonly classes: readonly string[];
  readonly scored: readonly ScoredSplit[];
  readonly metrics: readonly Metric[];
  /** null where the model was not finetuned. */
  readonly curve: readonly CurveRow[] | null;
}

export async function writeReport(folder: string, report: Report): Promise<void> {
  const { metrics, curve } = report;
  await writeJsonFile(folder, 'metrics.json', describe(report));
  const rows = metrics.map(({ name, split, value, better }) => [name, split ?? '', value, better]);
  await writeArtifactFile(folder, 'metrics.csv', writeCsv(['metric', 'split', 'value', 'better'], rows));
  await writeArtifactFile(folder, 'predictions.csv', writePredictions(report));
  await writeJsonFile(folder, 'confusion.json', describeConfusion(report));
  if (!curve) return;
  const points = curve.map(({ update, iteration, split, acc, nmi, ari }) => [
    update,
    iteration,
    split,
    acc,
    nmi,
    ari,
  ]);
  const columns = ['update', 'iteration', 'split', 'acc', 'nmi', 'ari'];
  await writeArtifactFile(folder, 'curve.csv', writeCsv(columns, points));
}

function describe({ params, model, classes, scored, metrics }: Report): Json {
  const { clustering, centres, alpha } = model;
  return {
    format: 1,
    method: clustering?.method ?? 'kmeans',
    clusters: centres.count,
    alpha,
    predict: params.predict,
    classes,
    splits: scored.map(({ name, ids, clusters, unit, unitCount, interval }) => ({
      split: name,
      items: ids.length,
      clusterSizes: clusterSizes(clusters, centres.count),
      bootstrap: interval ? { unit, units: unitCount, resamples: params.resamples } : null,
    })),
    metrics: metrics.map((metric) => ({ ...metric })),
  };
}

/** `matched` is the class that the cluster was matched to in its split; empty for a cluster left over. */
function writePredictions({ classes, scored }: Report): string {
  const rows = scored.flatMap(({ name, ids, labels, clusters, confusion }) =>
    ids.map((id, row) => [
      id,
      name,
      classes[labels[row]],
      clusters[row],
      classes[confusion.labelOfCluster[clusters[row]]] ?? '',
    ]),
  );
  return writeCsv(['id', 'split', 'label', 'cluster', 'matched'], rows);
}

/** Columns stand in the order of their classes, matched clusters on the diagonal. */
function describeConfusion({ classes, scored }: Report): Json {
  return {
    format: 1,
    classes,
    splits: Object.fromEntries(
      scored.map(({ name, confusion }) => [
        name,
        { counts: confusion.matrix, clusterOfColumn: confusion.clusterOfColumn },
      ]),
    ),
  };
}

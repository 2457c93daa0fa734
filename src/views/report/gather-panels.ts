import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../core/json.ts';
import { type Columns, lossColumns, readColumns, readReconstructions } from '../step-files.ts';
import type { Panel, ScatterPanel } from './report-data.ts';

/** Lines are drawn from at most so many values: more cannot be told apart in their width. */
const MOST_VALUES = 400;

/** Files that are shown, in the order of a study. What a step made decides, not its kind: a user's own counts. */
const READERS: readonly ((source: PanelSource) => readonly UntitledPanel[])[] = [
  readHistory,
  readUpdates,
  readConfusion,
  readAgreement,
  readProjections,
  readPictures,
];

type UntitledPanel = Panel extends infer Any ? (Any extends Panel ? Omit<Any, 'step'> : never) : never;

export interface PanelSource {
  readonly step: string;
  /** The object's folder. */
  readonly folder: string;
  /** Class of each item, where labels are known. */
  readonly labels: ReadonlyMap<string, string>;
  /** Keeps a PNG (base64) and gives its name, the same for the same picture. */
  readonly nameImage: (png: string) => string;
}

/**
 * What can be drawn of a step's artifact.
 * @param onProblem told of files that cannot be read; the rest is shown.
 */
export function gatherPanels(source: PanelSource, onProblem: (message: string) => void): Panel[] {
  return READERS.flatMap((read) => {
    try {
      return read(source).map((panel) => ({ ...panel, step: source.step }) as Panel);
    } catch (error) {
      onProblem(`${source.step}: ${(error as Error).message.split('\n')[0]}`);
      return [];
    }
  });
}

/** The labels of an `ingest` artifact, or of any that has `labels.csv`; empty where there are none. */
export function readLabelsOf(folder: string): ReadonlyMap<string, string> {
  const table = readTable(folder, 'labels.csv');
  if (!table?.names.includes('id') || !table.names.includes('label')) return new Map();
  const labels = table.text('label');
  return new Map(table.text('id').map((id, row) => [id, labels[row]]));
}

function readHistory({ folder }: PanelSource): UntitledPanel[] {
  const table = readTable(folder, 'history.csv');
  if (!table) return [];
  const bestEpoch = readJson(folder, 'training.json')?.bestEpoch;
  const thinned = thinner(table.rowCount);
  return [
    {
      kind: 'losses',
      title: 'Loss by epoch',
      series: lossColumns(table).map(({ name, values }) => ({ name, values: thinned.apply(values) })),
      ...(typeof bestEpoch === 'number' && thinned.step === 1 ? { bestEpoch } : {}),
      xLabel: thinned.step === 1 ? 'epoch' : `epoch / ${thinned.step}`,
      yLabel: 'MSE',
    },
  ];
}

function readUpdates({ folder }: PanelSource): UntitledPanel[] {
  const table = readTable(folder, 'updates.csv');
  if (!table) return [];
  const thinned = thinner(table.rowCount);
  return [
    {
      kind: 'losses',
      title: 'Loss by update of the target distribution',
      series: lossColumns(table).map(({ name, values }) => ({ name, values: thinned.apply(values) })),
      xLabel: thinned.step === 1 ? 'update' : `update / ${thinned.step}`,
      yLabel: 'loss',
    },
  ];
}

function readConfusion({ folder }: PanelSource): UntitledPanel[] {
  const confusion = readJson(folder, 'confusion.json');
  if (!confusion) return [];
  const classes = confusion.classes as string[];
  const splits = confusion.splits as {
    [split: string]: { counts: number[][]; clusterOfColumn: (number | null)[] };
  };
  return Object.entries(splits)
    .filter(([split]) => split === 'test' || !('test' in splits))
    .map(([split, { counts, clusterOfColumn }]) => ({
      kind: 'confusion' as const,
      title: `Confusion after matching, ${split}`,
      counts,
      rowNames: classes,
      columnNames: clusterOfColumn.map((cluster, column) => classes[column] ?? `cluster ${cluster}`),
    }));
}

function readProjections(source: PanelSource): UntitledPanel[] {
  return [
    ...readScatter(source, { file: 'umap.csv', axes: 'UMAP', centresFile: 'umap-centres.csv' }),
    ...readScatter(source, { file: 'tsne.csv', axes: 't-SNE', centresFile: null }),
  ];
}

function readScatter(
  { folder, labels }: PanelSource,
  { file, axes, centresFile }: { file: string; axes: string; centresFile: string | null },
): UntitledPanel[] {
  const table = readTable(folder, file);
  if (!table) return [];
  const splits = table.names.includes('split') ? table.text('split') : [];
  const rows = Array.from({ length: table.rowCount }, (_, row) => row).filter(
    (row) => splits.length === 0 || splits[row] === 'test' || !splits.includes('test'),
  );
  const [allIds, x, y, clusters] = [
    table.text('id'),
    table.numbers('x'),
    table.numbers('y'),
    table.numbers('cluster'),
  ];
  const ids = rows.map((row) => allIds[row]);
  const centres = centresFile === null ? null : readTable(folder, centresFile);
  const known = ids.map((id) => labels.get(id));
  const classNames = [...new Set(known.flatMap((label) => label ?? []))].sort(byCodeUnit);
  const panel: ScatterPanel & { readonly title: string } = {
    kind: 'scatter',
    title: `${axes}, ${splits.length > 0 ? (splits[rows[0]] ?? 'no image') : `${rows.length} images`}`,
    axes,
    ids,
    coordinates: rows.flatMap((row) => [rounded(x[row]), rounded(y[row])]),
    clusters: rows.map((row) => clusters[row]),
    ...(classNames.length > 0
      ? { classNames, classes: known.map((label) => (label === undefined ? -1 : classNames.indexOf(label))) }
      : {}),
    ...(centres ? { centres: placesOf(centres) } : {}),
  };
  return [panel];
}

/** [k, 2] row-major. */
function placesOf(centres: Columns): number[] {
  const [x, y] = [centres.numbers('x'), centres.numbers('y')];
  return x.flatMap((value, row) => [rounded(value) ?? 0, rounded(y[row]) ?? 0]);
}

const MOST_PAIRS = 9;

function readPictures({ folder, nameImage }: PanelSource): UntitledPanel[] {
  const path = join(folder, 'reconstructions.svg');
  if (!existsSync(path)) return [];
  const pairs = readReconstructions(path);
  const every = Math.ceil(pairs.length / MOST_PAIRS);
  const shown = pairs
    .filter((_, index) => index % every === 0)
    .map(([original, reconstruction]) => [nameImage(original), nameImage(reconstruction)] as const);
  return pairs.length === 0
    ? []
    : [{ kind: 'pictures', title: 'Images and their reconstructions', pairs: shown }];
}

/** ACC, NMI and ARI at every update of a finetuning. */
function readAgreement({ folder }: PanelSource): UntitledPanel[] {
  const table = readTable(folder, 'curve.csv');
  if (!table) return [];
  const rowSplits = table.text('split');
  const splits = [...new Set(rowSplits)];
  const ofSplit = (values: readonly number[], split: string) =>
    values.filter((_, row) => rowSplits[row] === split);
  const updates = ofSplit(table.numbers('iteration'), splits[0]);
  const thinned = thinner(updates.length);
  return [
    {
      kind: 'agreement',
      title: 'Agreement with the labels by update',
      updates: thinned.apply(updates).map((value) => value ?? 0),
      panels: ['acc', 'nmi', 'ari'].map((metric) => ({
        name: metric.toUpperCase(),
        series: splits.map((split) => ({
          name: split,
          values: thinned.apply(ofSplit(table.numbers(metric), split)),
        })),
      })),
    },
  ];
}

function readTable(folder: string, file: string): Columns | null {
  const path = join(folder, file);
  return existsSync(path) ? readColumns(path, file) : null;
}

function readJson(folder: string, file: string): { [key: string]: unknown } | null {
  const path = join(folder, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

/** Every so-manieth value, so that a line stays within what its width can show. */
function thinner(count: number): { step: number; apply(values: readonly number[]): (number | null)[] } {
  const step = Math.max(1, Math.ceil(count / MOST_VALUES));
  return { step, apply: (values) => values.filter((_, index) => index % step === 0).map(rounded) };
}

/** Four significant digits: below the width of a line. JSON has no NaN. */
function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}

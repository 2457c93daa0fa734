import type { Metric } from '../../core/artifact.ts';
import type { StageContext, StageRun } from '../../core/stage.ts';
import { type ClusteredModel, readClusteredModel } from '../../formats/clustering.ts';
import { readDataset, SPLIT_NAMES, type SplitImages, type SplitName } from '../../formats/dataset.ts';
import { joinById, readLabels } from '../../formats/tables.ts';
import { klDivergence } from '../../ml/clustering/kl-loss.ts';
import { targetDistribution } from '../../ml/clustering/soft-assignment.ts';
import { findDeadUnits } from '../../ml/metrics/dead-units.ts';
import { type ClusteredSplit, clusterSplits } from './cluster-splits.ts';
import type { Parameters } from './declaration.ts';
import { measureCurve } from './measure-curve.ts';
import { type ScoredSplit, scoreSplit } from './score-split.ts';
import { writeReport } from './write-report.ts';

type Context = StageContext<Parameters>;

const run: StageRun<Parameters> = async (context) => {
  const { splits } = await readDataset(context.input('dataset'), SPLIT_NAMES);
  const model = await readClusteredModel(context.input('model'), context.optionalInput('centres'));
  const { classes, labelsOf } = await readClasses(context, splits);
  const random = context.random();
  const clustered = await clusterSplits(context, { splits, model, random: random.fork('clusters') });
  const scored = clustered.map((split) =>
    scoreSplit(split, {
      labels: labelsOf.get(split.name)!,
      classCount: classes.length,
      resamples: context.params.resamples,
      random: random.fork(`bootstrap ${split.name}`),
    }),
  );
  const metrics = [...scored.flatMap((split) => split.metrics), ...measureLoss(clustered)];
  const curve = model.clustering ? await measureCurve(context.input('model'), clustered, labelsOf) : null;
  await writeReport(context.out, { params: context.params, model, classes, scored, metrics, curve });
  tellNotes(context, { model, clustered, scored, splits });
  return { metrics };
};

type Splits = { readonly [split in SplitName]: SplitImages };

/** Classes by name, in the order of their names, and for every split the class of each item as a number. */
async function readClasses(
  context: Context,
  splits: Splits,
): Promise<{ classes: string[]; labelsOf: Map<SplitName, Uint32Array> }> {
  const table = await readLabels(context.input('labels'));
  const named = new Map(SPLIT_NAMES.map((name) => [name, joinById(splits[name].ids, table, 'labels.csv')]));
  const classes = [...new Set([...named.values()].flat())].sort();
  const numberOf = new Map(classes.map((label, number) => [label, number]));
  const labelsOf = new Map(
    [...named].map(([name, labels]) => [name, Uint32Array.from(labels, (label) => numberOf.get(label)!)]),
  );
  return { classes, labelsOf };
}

/** The clustering loss over the whole train split, with targets of this model's own memberships. */
function measureLoss(clustered: readonly ClusteredSplit[]): Metric[] {
  const train = clustered.find(({ name }) => name === 'train');
  if (!train) return [];
  const value = klDivergence(targetDistribution(train.memberships), train.memberships);
  return [{ name: 'kl', split: 'train', value, better: 'lower' }];
}

function tellNotes(
  { note, params }: Context,
  found: {
    readonly model: ClusteredModel;
    readonly clustered: readonly ClusteredSplit[];
    readonly scored: readonly ScoredSplit[];
    readonly splits: Splits;
  },
): void {
  const { model, clustered, scored, splits } = found;
  for (const name of SPLIT_NAMES) if (splits[name].ids.length === 0) note(`there is no image in ${name}`);
  if (params.predict === 'kmeans-on-q')
    note('clusters come from a fresh k-means on the memberships of each split: for the reproduction only');
  if (params.resamples > 0) note(describeIntervals(scored));
  const train = clustered.find(({ name }) => name === 'train');
  const dead = train ? findDeadUnits(train.embedding) : [];
  if (dead.length > 0) note(`${dead.length} of ${model.centres.size} units of the embedding are dead`);
}

/** Slices of one subject are not independent: an interval over slices is too narrow where they are many. */
function describeIntervals(scored: readonly ScoredSplit[]): string {
  const parts = scored.map(
    ({ name, unit, unitCount, interval }) =>
      `${unitCount} ${unit}s of ${name}${interval ? '' : ' (too few: none)'}`,
  );
  return `95 % intervals on accuracy resample ${parts.join(', ')}`;
}

export default run;

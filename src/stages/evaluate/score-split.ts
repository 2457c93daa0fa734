import type { Metric } from '../../core/artifact.ts';
import type { Random } from '../../core/random.ts';
import { measureAccuracy } from '../../ml/metrics/accuracy.ts';
import { measureAri } from '../../ml/metrics/ari.ts';
import { bootstrapAccuracy, type Interval } from '../../ml/metrics/bootstrap.ts';
import { type Confusion, matchConfusion } from '../../ml/metrics/confusion.ts';
import { measureNmi } from '../../ml/metrics/nmi.ts';
import type { ClusteredSplit } from './cluster-splits.ts';

export interface ScoredSplit extends ClusteredSplit {
  /** Class of each item, a number. */
  readonly labels: Uint32Array;
  readonly metrics: readonly Metric[];
  readonly confusion: Confusion;
  /** What the bootstrap draws together: slices of one subject are not independent. */
  readonly unit: 'subject' | 'slice';
  readonly unitCount: number;
  /** null where there are too few units, or none was asked for. */
  readonly interval: Interval | null;
}

export interface ScoreRequest {
  readonly labels: Uint32Array;
  /** Classes of the whole data set: a split may lack some. */
  readonly classCount: number;
  readonly resamples: number;
  readonly random: Random;
}

/** How well the clusters of one split agree with its classes. */
export function scoreSplit(split: ClusteredSplit, request: ScoreRequest): ScoredSplit {
  const { labels, classCount, resamples, random } = request;
  const { clusters, memberships } = split;
  const { unit, units } = unitsOf(split);
  const interval = resamples > 0 ? bootstrapAccuracy({ labels, clusters, units, random, resamples }) : null;
  const metric = (name: string, value: number | undefined, better: Metric['better'] = 'higher'): Metric[] =>
    value === undefined ? [] : [{ name, split: split.name, value, better }];
  return {
    ...split,
    labels,
    metrics: [
      ...metric('acc', measureAccuracy(labels, clusters)),
      ...metric('accLow', interval?.low),
      ...metric('accHigh', interval?.high),
      ...metric('nmi', measureNmi(labels, clusters)),
      ...metric('ari', measureAri(labels, clusters)),
      ...metric('mse', split.mse ?? undefined, 'lower'),
    ],
    confusion: matchConfusion(labels, clusters, {
      labelCount: classCount,
      clusterCount: memberships.columns,
    }),
    unit,
    unitCount: units.length,
    interval,
  };
}

/** Rows of each unit: by subject where all are known, else each row by itself. */
function unitsOf({ subjects }: ClusteredSplit): { unit: ScoredSplit['unit']; units: number[][] } {
  if (subjects.includes(null)) return { unit: 'slice', units: subjects.map((_, row) => [row]) };
  const rowsOf = new Map<string | null, number[]>();
  subjects.forEach((subject, row) => {
    rowsOf.set(subject, [...(rowsOf.get(subject) ?? []), row]);
  });
  return { unit: 'subject', units: [...rowsOf.values()] };
}

import type { Progress } from '../../core/artifact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Random } from '../../core/random.ts';
import type { Trainable } from '../../core/trainable.ts';
import type { ClusteringMethod } from '../clustering/method.ts';
import type { Matrix } from '../matrix.ts';
import type { ImageRows } from './image-rows.ts';
import type { LoopCheckpoint } from './loop-state.ts';

export interface FinetuneSettings {
  /** Iterations between updates of the targets (T). */
  readonly updateInterval: number;
  /** Stops when a smaller fraction of train labels than this changed since the last update. */
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly batchSize: number;
  /** A new order every epoch; false: the data's own. */
  readonly shuffle: boolean;
  /** A cluster below this fraction of an even share (n / k) counts as collapsed, and is warned of. */
  readonly collapseFloor: number;
}
/** METHODS, "Training": the study's protocol. */
export const FINETUNE: FinetuneSettings = {
  updateInterval: 20,
  tolerance: 0.001,
  maxIterations: 2000,
  batchSize: 32,
  shuffle: false,
  collapseFloor: 0.1,
};

export interface FinetuneRequest {
  /** With the pretrained weights and a fresh Adam; without decoder where the method needs none. Left as trained. */
  readonly trainable: Trainable;
  readonly method: ClusteringMethod;
  /** [k, d], from k-means on the train embeddings. */
  readonly centres: Matrix;
  /** The clusters that k-means gave the train images, [n]. */
  readonly initialAssignments: Uint32Array;
  readonly train: ImageRows;
  /** Further splits whose assignments are recorded at every update; nothing is learnt from them. */
  readonly otherSplits: ReadonlyMap<string, ImageRows>;
  readonly settings: FinetuneSettings;
  /** Draws from it only to shuffle. */
  readonly random: Random;
  readonly onUpdate?: (row: UpdateRow) => void;
  readonly warn?: (message: string, fields: JsonObject) => void;
  readonly progress?: (progress: Progress) => void;
  readonly checkpoint?: LoopCheckpoint;
  readonly signal?: AbortSignal;
}

export interface UpdateRow {
  readonly iteration: number;
  /** Passes over the train set that were begun and ended. */
  readonly epoch: number;
  /**
   * L, L_r (null without a decoder) and L_c: means over the images trained on since the last update;
   * at the first, over the whole train set before any training.
   */
  readonly loss: number;
  readonly reconstructionLoss: number | null;
  readonly clusteringLoss: number;
  /** L_c over the whole train set, at this update's weights and new targets. */
  readonly wholeClusteringLoss: number;
  /** Fraction of train labels that changed since the last update; at the first, since k-means. */
  readonly delta: number;
  /** Train images in each cluster, [k]. */
  readonly clusterSizes: readonly number[];
  /** Units of the embedding with one value for all train images. */
  readonly deadUnits: number;
}

/** All that decides how finetuning goes on, besides the trainable and the generator. */
export interface FinetuneState {
  /** Steps taken. */
  iteration: number;
  /** NaN before the first update, which knows what 'balanced' is. */
  gamma: number;
  /** [k, d], float32, trained in place. */
  readonly centres: Matrix & { readonly data: Float32Array };
  /** [n, k], of the last update. */
  targets: Matrix;
  /** This epoch's order of the train images; null in the data's own. */
  order: Uint32Array | null;
  readonly updates: UpdateRow[];
  /** By split, one entry per update. */
  readonly assignments: Map<string, Uint32Array[]>;
}

import type { Matrix } from '../matrix.ts';

/** A batch's clustering loss, with what it pulls at. */
export interface ClusteringLoss {
  /** Mean over the items of the batch. */
  readonly value: number;
  /** d value / dz, [n, d] row-major. */
  readonly embeddingGradient: Float64Array;
  /** d value / dμ, [k, d] row-major; null where the method keeps its centres. */
  readonly centreGradient: Float64Array | null;
}

/**
 * A deep clustering method, as `finetune` needs it: L = reconstructionWeight · L_r + gamma · L_c, with
 * targets that are computed over the whole train set and held between updates. Pure mathematics on
 * embeddings and centres: a new method is a new file beside this one. It never sees a label.
 */
export interface ClusteringMethod {
  readonly name: string;
  /** Of the reconstruction error; 0: the decoder is dropped. */
  readonly reconstructionWeight: 0 | 1;
  /** Weight of the clustering loss; 'balanced': L_r / L_c at the first update. */
  readonly gamma: number | 'balanced';
  /** How much each item belongs to each cluster, [n, k]; the largest entry is its cluster. */
  memberships(z: Matrix, mu: Matrix): Matrix;
  /** What the items are pulled to, [n, k], from the whole train set's memberships. */
  targets(memberships: Matrix): Matrix;
  /** Mean loss of items with these memberships and targets, without gradients. */
  value(targets: Matrix, memberships: Matrix): number;
  /** @param targets the rows of this batch's items. */
  loss(z: Matrix, mu: Matrix, targets: Matrix): ClusteringLoss;
}

import type { Random } from '../../core/random.ts';
import type { StageContext } from '../../core/stage.ts';
import type { ClusteredModel } from '../../formats/clustering.ts';
import { SPLIT_NAMES, type SplitImages, type SplitName } from '../../formats/dataset.ts';
import { allRows } from '../../formats/split-rows.ts';
import { hardAssignments, softAssignment } from '../../ml/clustering/soft-assignment.ts';
import { kmeans } from '../../ml/kmeans.ts';
import type { Matrix } from '../../ml/matrix.ts';
import { embedAll, measureReconstruction } from '../../ml/training/image-rows.ts';
import type { Parameters } from './declaration.ts';

/** What a model makes of a split; no label has been seen. */
export interface ClusteredSplit {
  readonly name: SplitName;
  readonly ids: readonly string[];
  readonly subjects: readonly (string | null)[];
  /** [n, d] */
  readonly embedding: Matrix;
  /** q, [n, k] */
  readonly memberships: Matrix;
  /** One an item. */
  readonly clusters: Uint32Array;
  /** Reconstruction error over the whole split; null without a decoder. */
  readonly mse: number | null;
}

/** All splits that have images, in the order of `SPLIT_NAMES`. */
export async function clusterSplits(
  context: StageContext<Parameters>,
  {
    splits,
    model,
    random,
  }: {
    readonly splits: { readonly [split in SplitName]: SplitImages };
    readonly model: ClusteredModel;
    readonly random: Random;
  },
): Promise<ClusteredSplit[]> {
  const { params, signal } = context;
  const { values, count, size } = model.centres;
  const centres: Matrix = { data: values, rows: count, columns: size };
  const engine = await context.engine();
  const trainable = await engine.createTrainable(model.network, { weights: model.weights });
  try {
    const clustered: ClusteredSplit[] = [];
    const names = SPLIT_NAMES.filter((name) => splits[name].ids.length > 0);
    for (const name of names) {
      const { ids, subjects } = splits[name];
      const rows = allRows(splits[name]);
      const embedding = await embedAll(trainable, rows, signal);
      const memberships = softAssignment(embedding, centres, model.alpha);
      const clusters =
        params.predict === 'argmax-q'
          ? hardAssignments(memberships)
          : kmeans(memberships, { k: count }, random.fork(name)).assignments;
      const hasDecoder = model.network.decoder.length > 0;
      const mse = hasDecoder ? await measureReconstruction(trainable, rows, signal) : null;
      clustered.push({ name, ids, subjects, embedding, memberships, clusters, mse });
      context.progress({ done: clustered.length, total: names.length, unit: 'split', values: {} });
    }
    return clustered;
  } finally {
    trainable.dispose();
  }
}

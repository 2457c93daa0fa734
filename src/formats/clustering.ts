import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../core/failure.ts';
import { readJsonFile, writeJsonFile } from './artifact-file.ts';
import { type Centres, type Model, readCentres, readModel } from './model.ts';

/** How a model was finetuned, `clustering.json`. */
export interface Clustering {
  readonly method: string;
  /** Degrees of freedom of the kernel. */
  readonly alpha: number;
  /** Weight of the clustering loss beside the reconstruction error; null without the latter. */
  readonly gamma: number | null;
  readonly iterations: number;
  readonly stoppedBy: string;
}

/** A model with the centres of its clusters. */
export interface ClusteredModel extends Model {
  readonly centres: Centres;
  /** 1 for centres of k-means: the cluster with the largest membership is the nearest for any. */
  readonly alpha: number;
  /** null where the model was only pretrained. */
  readonly clustering: Clustering | null;
}

const CLUSTERING_FILE = 'clustering.json';

export async function writeClustering(folder: string, clustering: Clustering): Promise<void> {
  await writeJsonFile(folder, CLUSTERING_FILE, { format: 1, ...clustering });
}

/**
 * A finetuned model with its own centres, or a pretrained one with those of another artifact.
 * @throws ExpectedFailure bad-parameter where it has none or two, bad-input where they do not fit.
 */
export async function readClusteredModel(
  modelFolder: string,
  centresFolder: string | null,
): Promise<ClusteredModel> {
  const model = await readModel(modelFolder);
  const isFinetuned = await exists(join(modelFolder, CLUSTERING_FILE));
  if (isFinetuned && centresFolder !== null)
    fail('bad-parameter', 'centres: the model was finetuned and has its own; leave this input out');
  if (!isFinetuned && centresFolder === null)
    fail(
      'bad-parameter',
      'centres: the model was only pretrained; this input must give the centres of clusters',
    );
  const centres = await readCentres(centresFolder ?? modelFolder);
  const clustering = isFinetuned ? await readClustering(modelFolder) : null;
  return { ...model, centres, alpha: clustering?.alpha ?? 1, clustering };
}

async function readClustering(folder: string): Promise<Clustering> {
  const { method, alpha, gamma, iterations, stoppedBy } = await readJsonFile(folder, CLUSTERING_FILE);
  const isSound =
    typeof method === 'string' &&
    typeof alpha === 'number' &&
    alpha > 0 &&
    (gamma === null || typeof gamma === 'number') &&
    typeof iterations === 'number' &&
    typeof stoppedBy === 'string';
  if (!isSound) fail('bad-input', `${CLUSTERING_FILE}: expected method, alpha, gamma, iterations, stoppedBy`);
  return { method, alpha, gamma, iterations, stoppedBy } as Clustering;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

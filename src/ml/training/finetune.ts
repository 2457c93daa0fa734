import { fail } from '../../core/failure.ts';
import type { Matrix } from '../matrix.ts';
import type { FinetuneRequest, FinetuneSettings, FinetuneState, UpdateRow } from './finetune-request.ts';
import { trainRound } from './finetune-round.ts';
import { packFinetune, restoreFinetune } from './finetune-state.ts';
import { updateTargets } from './finetune-update.ts';
import { measureReconstruction } from './image-rows.ts';

export interface FinetuneResult {
  readonly stoppedBy: 'converged' | 'max-iterations';
  readonly iterations: number;
  /** The weight of the clustering loss that was used: that of 'balanced' is known only now. */
  readonly gamma: number;
  /** [k, d], float32, as trained. */
  readonly centres: Matrix;
  readonly updates: readonly UpdateRow[];
  /** By split, 'train' among them: the clusters of all its images, one entry per update; the last are the result. */
  readonly assignments: ReadonlyMap<string, readonly Uint32Array[]>;
}

/**
 * Deep clustering: targets from the whole train set, `updateInterval` steps towards them, and again,
 * until labels settle or `maxIterations` are over. Both ends come right after an update, so that the
 * last assignments are those of the final weights. It never sees a label. Checkpoints fall after updates.
 * @throws ExpectedFailure non-finite-loss, naming the iteration; the signal's reason when aborted.
 */
export async function finetune(request: FinetuneRequest): Promise<FinetuneResult> {
  const { settings, checkpoint, signal } = request;
  checkRequest(request);
  const state = checkpoint?.resume
    ? await restoreFinetune(request, checkpoint.resume)
    : await firstUpdate(request);
  let stoppedBy = stopReason(state, settings);
  while (!stoppedBy) {
    const losses = await trainRound(request, state);
    await updateTargets(request, state, losses);
    stoppedBy = stopReason(state, settings);
    if (checkpoint?.due()) await checkpoint.save(await packFinetune(request, state));
    signal?.throwIfAborted();
  }
  const { iteration: iterations, gamma, centres, updates, assignments } = state;
  return { stoppedBy, iterations, gamma, centres, updates, assignments };
}

/** The first targets, and the losses before any training; it also balances the two losses. */
async function firstUpdate(request: FinetuneRequest): Promise<FinetuneState> {
  const { trainable, method, train, signal, otherSplits } = request;
  const centres = { ...request.centres, data: Float32Array.from(request.centres.data) };
  const state: FinetuneState = {
    iteration: 0,
    gamma: Number.NaN,
    centres,
    targets: { data: new Float64Array(0), rows: 0, columns: centres.rows },
    order: null,
    updates: [],
    assignments: new Map(['train', ...otherSplits.keys()].map((split) => [split, []])),
  };
  const reconstruction =
    method.reconstructionWeight > 0 ? await measureReconstruction(trainable, train, signal) : null;
  await updateTargets(request, state, { reconstruction, clustering: null });
  return state;
}

function stopReason(
  { updates, iteration }: FinetuneState,
  settings: FinetuneSettings,
): FinetuneResult['stoppedBy'] | null {
  const isFirst = updates.length === 1;
  if (!isFirst && updates[updates.length - 1].delta < settings.tolerance) return 'converged';
  return iteration >= settings.maxIterations ? 'max-iterations' : null;
}

function checkRequest({ settings, train, initialAssignments, centres }: FinetuneRequest): void {
  const { updateInterval, batchSize } = settings;
  for (const [name, value] of Object.entries({ updateInterval, batchSize })) {
    if (!Number.isInteger(value) || value < 1)
      fail('bad-parameter', `${name}: expected a positive integer, and got ${value}`);
  }
  if (train.rows.length === 0) fail('bad-input', 'there is no image to train on: the train split is empty');
  if (initialAssignments.length !== train.rows.length || centres.rows < 1) {
    throw new RangeError(
      `${initialAssignments.length} assignments to ${centres.rows} centres for ${train.rows.length} train images`,
    );
  }
}

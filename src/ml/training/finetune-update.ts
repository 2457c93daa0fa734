import { fail } from '../../core/failure.ts';
import type { ClusteringMethod } from '../clustering/method.ts';
import { hardAssignments } from '../clustering/soft-assignment.ts';
import { clusterSizes } from '../kmeans.ts';
import { findDeadUnits } from '../metrics/dead-units.ts';
import type { FinetuneRequest, FinetuneState, UpdateRow } from './finetune-request.ts';
import type { RoundLosses } from './finetune-round.ts';
import { embedAll } from './image-rows.ts';

/** Assigns every split anew, sets the targets, and writes a row of the log. Changes `state`. */
export async function updateTargets(
  request: FinetuneRequest,
  state: FinetuneState,
  losses: RoundLosses,
): Promise<void> {
  const { trainable, method, train, otherSplits, signal } = request;
  const z = await embedAll(trainable, train, signal);
  const memberships = method.memberships(z, state.centres);
  const labels = hardAssignments(memberships);
  const before = state.assignments.get('train')!.at(-1) ?? request.initialAssignments;
  state.targets = method.targets(memberships);
  const whole = method.value(state.targets, memberships);
  const clustering = losses.clustering ?? whole;
  if (Number.isNaN(state.gamma)) state.gamma = weightOf(method, losses.reconstruction, whole);
  const row: UpdateRow = {
    iteration: state.iteration,
    epoch: Math.floor(state.iteration / Math.ceil(train.rows.length / request.settings.batchSize)),
    loss: (losses.reconstruction ?? 0) + state.gamma * clustering,
    reconstructionLoss: losses.reconstruction,
    clusteringLoss: clustering,
    wholeClusteringLoss: whole,
    delta: fractionChanged(before, labels),
    clusterSizes: clusterSizes(labels, state.centres.rows),
    deadUnits: findDeadUnits(z).length,
  };
  checkFinite(row);
  state.assignments.get('train')!.push(labels);
  for (const [name, split] of otherSplits) {
    const others = method.memberships(await embedAll(trainable, split, signal), state.centres);
    state.assignments.get(name)!.push(hardAssignments(others));
  }
  warnOfDecline(request, row, state.updates.at(-1));
  state.updates.push(row);
  tell(request, row);
}

/** γ; 'balanced' makes both terms of the loss equal at the first update (the study's 2.3.2). */
function weightOf(method: ClusteringMethod, reconstruction: number | null, clustering: number): number {
  if (method.gamma !== 'balanced') return method.gamma;
  if (reconstruction === null || clustering <= 0) {
    fail(
      'bad-parameter',
      `gamma: 'balanced' divides the reconstruction error by the clustering loss, and these are ${reconstruction} and ${clustering}`,
    );
  }
  return reconstruction / clustering;
}

function fractionChanged(before: Uint32Array, after: Uint32Array): number {
  return after.reduce((changed, label, i) => changed + (label === before[i] ? 0 : 1), 0) / after.length;
}

/** Says once, not at every update, that a cluster has nearly emptied or a unit has died. */
function warnOfDecline(request: FinetuneRequest, row: UpdateRow, before: UpdateRow | undefined): void {
  const floor = (request.settings.collapseFloor * request.train.rows.length) / row.clusterSizes.length;
  const { iteration, deadUnits } = row;
  const collapsed = row.clusterSizes.some(
    (size, cluster) => size < floor && !(before && before.clusterSizes[cluster] < floor),
  );
  if (collapsed) {
    const sizes = row.clusterSizes.join(', ');
    request.warn?.(`collapse: a cluster has fewer than ${floor} train images; sizes ${sizes}`, {
      iteration,
      clusterSizes: row.clusterSizes,
    });
  }
  if (deadUnits > (before?.deadUnits ?? 0)) {
    request.warn?.(
      `${deadUnits} of ${request.centres.columns} units of the embedding are dead: they give every train image the same value`,
      { iteration, deadUnits },
    );
  }
}

function tell(request: FinetuneRequest, row: UpdateRow): void {
  request.onUpdate?.(row);
  const values: Record<string, number> = {
    loss: row.loss,
    clusteringLoss: row.clusteringLoss,
    delta: row.delta,
  };
  if (row.reconstructionLoss !== null) values.reconstructionLoss = row.reconstructionLoss;
  request.progress?.({
    done: row.iteration,
    total: request.settings.maxIterations,
    unit: 'iteration',
    values,
  });
}

function checkFinite({ iteration, loss, wholeClusteringLoss }: UpdateRow): void {
  if (Number.isFinite(loss) && Number.isFinite(wholeClusteringLoss)) return;
  fail(
    'non-finite-loss',
    `the loss is ${Number.isFinite(loss) ? wholeClusteringLoss : loss} at iteration ${iteration}: a smaller learning rate may help`,
  );
}

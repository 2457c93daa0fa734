import type { JsonObject } from '../../core/json.ts';
import type { Matrix } from '../matrix.ts';
import type { FinetuneRequest, FinetuneState, UpdateRow } from './finetune-request.ts';
import {
  type LoopArray,
  type LoopState,
  packRandom,
  packTrainable,
  unpackRandom,
  unpackTrainable,
} from './loop-state.ts';

export async function packFinetune(request: FinetuneRequest, state: FinetuneState): Promise<LoopState> {
  const { numbers, arrays } = await packTrainable(request.trainable);
  const { iteration, gamma, centres, targets, order, updates, assignments } = state;
  const own: [string, LoopArray][] = [
    ['centres', tableArray(centres)],
    ['targets', tableArray(targets)],
    ...[...assignments].map(([split, labels]): [string, LoopArray] => [ASSIGNMENTS + split, stack(labels)]),
  ];
  if (order) own.push(['order', { data: order, shape: [order.length] }]);
  return {
    numbers: {
      ...numbers,
      iteration,
      gamma,
      random: packRandom(request.random.state()),
      updates: updates.map((row) => ({ ...row })),
    },
    arrays: new Map([...arrays, ...own]),
  };
}

export async function restoreFinetune(request: FinetuneRequest, packed: LoopState): Promise<FinetuneState> {
  const { numbers, arrays } = packed;
  await unpackTrainable(request.trainable, packed);
  request.random.restore(unpackRandom(numbers.random as JsonObject));
  const centres = table(arrays.get('centres')!);
  return {
    iteration: numbers.iteration as number,
    gamma: numbers.gamma as number,
    centres: { ...centres, data: centres.data as Float32Array },
    targets: table(arrays.get('targets')!),
    order: (arrays.get('order')?.data as Uint32Array | undefined) ?? null,
    updates: [...(numbers.updates as unknown as UpdateRow[])],
    assignments: new Map(
      ['train', ...request.otherSplits.keys()].map((split) => [
        split,
        unstack(arrays.get(ASSIGNMENTS + split)!),
      ]),
    ),
  };
}

const ASSIGNMENTS = 'assignments/';

function tableArray({ data, rows, columns }: Matrix): LoopArray {
  return { data: data.slice(), shape: [rows, columns] };
}

function table({ data, shape }: LoopArray): Matrix {
  return { data: data.slice() as Float32Array | Float64Array, rows: shape[0], columns: shape[1] };
}

/** One row per update, [updates, n]. */
function stack(labels: readonly Uint32Array[]): LoopArray {
  const length = labels[0].length;
  const data = new Uint32Array(labels.length * length);
  labels.forEach((row, index) => {
    data.set(row, index * length);
  });
  return { data, shape: [labels.length, length] };
}

function unstack({ data, shape: [updates, length] }: LoopArray): Uint32Array[] {
  return Array.from({ length: updates }, (_, index) =>
    Uint32Array.from(data.subarray(index * length, (index + 1) * length)),
  );
}

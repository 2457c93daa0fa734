import type { JsonObject } from '../../core/json.ts';
import type { Weights } from '../../core/network.ts';
import type { RandomState } from '../../core/random.ts';
import type { Trainable, TrainableState } from '../../core/trainable.ts';

export interface LoopArray {
  readonly data: Float32Array | Float64Array | Uint32Array;
  readonly shape: readonly number[];
}

/** All that decides how a training loop goes on, so that a resumed one ends in the same bytes. */
export interface LoopState {
  readonly numbers: JsonObject;
  readonly arrays: ReadonlyMap<string, LoopArray>;
}

/** Where a loop starts from and what keeps its state; a stage puts the context's checkpoints behind it. */
export interface LoopCheckpoint {
  /** State to continue from; null for a fresh start. */
  readonly resume: LoopState | null;
  due(): boolean;
  save(state: LoopState): Promise<void>;
}

/** A trainable's state as arrays `<prefix>weights/…`, `<prefix>first/…`, `<prefix>second/…`. */
export async function packTrainable(trainable: Trainable): Promise<LoopState> {
  const { step, weights, firstMoments, secondMoments } = await trainable.state();
  return {
    numbers: { step },
    arrays: new Map([
      ...packWeights('weights/', weights),
      ...packWeights('first/', firstMoments),
      ...packWeights('second/', secondMoments),
    ]),
  };
}

export async function unpackTrainable(trainable: Trainable, { numbers, arrays }: LoopState): Promise<void> {
  const state: TrainableState = {
    step: numbers.step as number,
    weights: unpackWeights('weights/', arrays),
    firstMoments: unpackWeights('first/', arrays),
    secondMoments: unpackWeights('second/', arrays),
  };
  await trainable.restore(state);
}

/** Copies, under names that start with the prefix. */
export function packWeights(prefix: string, weights: Weights): Map<string, LoopArray> {
  return new Map(
    [...weights].map(([name, data]) => [prefix + name, { data: data.slice(), shape: [data.length] }]),
  );
}

export function unpackWeights(prefix: string, arrays: LoopState['arrays']): Map<string, Float32Array> {
  return new Map(
    [...arrays]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { data }]) => [name.slice(prefix.length), data as Float32Array]),
  );
}

export function packRandom({ words, spareNormal }: RandomState): JsonObject {
  return { words: [...words], spareNormal };
}

export function unpackRandom(packed: JsonObject): RandomState {
  return packed as unknown as RandomState;
}

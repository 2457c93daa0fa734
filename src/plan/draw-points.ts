import { canonicalJson, type Json } from '../core/json.ts';
import { exp, log } from '../core/pinned-math.ts';
import type { Distribution, RandomSpec } from '../core/pipeline.ts';
import { createRandom } from '../core/random.ts';
import type { ValuePath } from '../spec/problem.ts';

/** One drawn point: a value and its place in the file for each axis, in the order of the axes. */
export interface Draw {
  readonly values: readonly Json[];
  readonly places: readonly ValuePath[];
}

/** A draw that was made before counts for nothing; where this many more are needed there are no others. */
const DRAWS_PER_POINT = 100;

/**
 * The drawn part of a sweep: as many distinct points as its budget says, fewer where there are no more.
 * Each value hangs on the seed, the name of its axis and the number of the draw alone: a larger budget
 * keeps all points and adds to them, and an axis added, or drawn in another way, leaves the others as they were.
 */
export function drawPoints({ points, seed, axes }: RandomSpec): Draw[] {
  const draws = new Map<string, Draw>();
  for (let number = 0; draws.size < points && number < points * DRAWS_PER_POINT; number++) {
    const drawn = Object.entries(axes).map(([axis, distribution]) =>
      drawValue(distribution, createRandom(JSON.stringify(['sweep', seed, axis, number])).next(), axis),
    );
    const id = canonicalJson(drawn.map(({ value }) => value));
    if (!draws.has(id))
      draws.set(id, { values: drawn.map(({ value }) => value), places: drawn.map(({ place }) => place) });
  }
  return [...draws.values()];
}

/** @param share uniform in [0, 1). */
function drawValue(
  distribution: Distribution,
  share: number,
  axis: string,
): { readonly value: Json; readonly place: ValuePath } {
  const path = ['sweep', 'random', axis];
  if (distribution.kind === 'choice') {
    const at = Math.floor(share * distribution.values.length);
    return { value: distribution.values[at], place: [...path, 'choice', at] };
  }
  const { kind, from, to } = distribution;
  const place = [...path, kind];
  if (kind === 'integer') return { value: from + Math.floor(share * (to - from + 1)), place };
  const value =
    kind === 'uniform' ? from + share * (to - from) : exp(log(from) + share * (log(to) - log(from)));
  return { value: Math.min(to, Math.max(from, shorten(value))), place };
}

/** Six digits: enough for any search, and short enough for a step's name. */
function shorten(value: number): number {
  return Number(value.toPrecision(6));
}

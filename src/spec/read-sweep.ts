import type { Json, JsonObject } from '../core/json.ts';
import type { Distribution, RandomSpec, SweepSpec } from '../core/pipeline.ts';

/** As much of a sweep as has the right form. */
export function readSweep(sweep: JsonObject): SweepSpec {
  return {
    name: typeof sweep.name === 'string' ? sweep.name : null,
    grid: readLists(sweep.grid),
    zip: readLists(sweep.zip),
    random: isObject(sweep.random) ? readRandom(sweep.random) : null,
    include: objectsOf(sweep.include),
    exclude: objectsOf(sweep.exclude),
  };
}

/** What stands beside the axes in `random`. */
export const RANDOM_SETTINGS: readonly string[] = ['points', 'seed'];

function readRandom({ points, seed, ...axes }: JsonObject): RandomSpec {
  const count = (value: Json | undefined, least: number) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : least;
  return {
    points: count(points, 1),
    seed: count(seed, 0),
    axes: Object.fromEntries(
      Object.entries(axes).flatMap(([axis, written]): [string, Distribution][] => {
        const distribution = isObject(written) ? readDistribution(written) : null;
        return distribution ? [[axis, distribution]] : [];
      }),
    ),
  };
}

function readDistribution(written: JsonObject): Distribution | null {
  const [[kind, value], ...others] = [...Object.entries(written), ['', null] as const];
  if (others.length > 1 || !Array.isArray(value)) return null;
  if (kind === 'choice') return value.length > 0 ? { kind, values: value } : null;
  const [from, to] = value;
  if (kind !== 'uniform' && kind !== 'logUniform' && kind !== 'integer') return null;
  return typeof from === 'number' && typeof to === 'number' && value.length === 2 ? { kind, from, to } : null;
}

function readLists(section: Json | undefined): { readonly [axis: string]: readonly Json[] } {
  if (!isObject(section)) return {};
  return Object.fromEntries(
    Object.entries(section).filter((entry): entry is [string, readonly Json[]] => Array.isArray(entry[1])),
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

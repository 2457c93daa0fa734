import type { Json, JsonObject } from '../core/json.ts';
import type { SweepSpec } from '../core/pipeline.ts';
import { own } from './own.ts';
import { referencesIn } from './references.ts';

/** The swept parameters: those of grid, zip and random in the order of the file, then those that only `include` names. */
export function axesOf(sweep: SweepSpec | null): string[] {
  if (!sweep) return [];
  return [...new Set([...combinedAxes(sweep), ...sweep.include.flatMap((point) => Object.keys(point))])];
}

/** The axes whose values are combined: all but those that only `include` names. */
export function combinedAxes({ grid, zip, random }: SweepSpec): string[] {
  return [...Object.keys(grid), ...Object.keys(zip), ...Object.keys(random?.axes ?? {})];
}

/** All values that a sweep lists, which may hold references. */
export function listedValues({ grid, zip, random, include }: SweepSpec): { path: string[]; value: Json }[] {
  const choices = Object.entries(random?.axes ?? {}).flatMap(([axis, distribution]) =>
    distribution.kind === 'choice'
      ? [{ path: ['sweep', 'random', axis, 'choice'], value: distribution.values }]
      : [],
  );
  return [
    { path: ['sweep', 'grid'], value: grid },
    { path: ['sweep', 'zip'], value: zip },
    ...choices,
    { path: ['sweep', 'include'], value: include },
  ];
}

/**
 * The axes that a value may change with: those it refers to, through other parameters too.
 * @param params as the file has them; those of axes count too, for points of `include` that leave an axis out.
 */
export function axesBehind(value: Json, params: JsonObject, axes: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open: Json[] = [value];
  while (open.length > 0) {
    for (const { piece } of referencesIn(open.pop() as Json)) {
      if (piece.kind !== 'reference') continue;
      const { reference } = piece;
      const name =
        reference.kind === 'params' ? reference.name : reference.kind === 'sweep' ? reference.axis : 'seed';
      if (seen.has(name)) continue;
      seen.add(name);
      if (axes.has(name)) found.add(name);
      // An axis that a point leaves out has its value from params, which may refer to other axes.
      const behind = name === 'seed' ? undefined : own(params, name);
      if (behind !== undefined) open.push(behind);
    }
  }
  return found;
}

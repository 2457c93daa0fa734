import type { Json, JsonObject } from '../core/json.ts';
import type { SweepSpec } from '../core/pipeline.ts';
import { own } from './own.ts';
import { referencesIn } from './references.ts';

/** The swept parameters: the grid's in the order of the file, then those that only `include` names. */
export function axesOf(sweep: SweepSpec | null): string[] {
  if (!sweep) return [];
  return [...new Set([...Object.keys(sweep.grid), ...sweep.include.flatMap((point) => Object.keys(point))])];
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

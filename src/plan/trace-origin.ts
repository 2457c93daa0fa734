import type { Json, JsonObject } from '../core/json.ts';
import { own } from '../spec/own.ts';
import type { ValuePath } from '../spec/problem.ts';
import { mayRefer, parsePieces } from '../spec/references.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import type { Points } from './enumerate-points.ts';

/** Where a value was written: a path in the file, or the option that gave it. */
export type Origin = { readonly path: ValuePath } | { readonly option: string };

/** A parameter of a step at a point, or a value inside it. */
export interface ParameterAtPoint {
  readonly key: string;
  readonly parameter: string;
  readonly inside: ValuePath;
  /** Index of the point. */
  readonly point: number;
}

/** Follows references that are whole values to the place where somebody wrote the value itself. */
export function traceOrigin(pipeline: EffectivePipeline, points: Points, value: ParameterAtPoint): Origin {
  const { key, parameter, inside } = value;
  const follow = (written: Json | undefined, path: ValuePath, inside: ValuePath): Origin => {
    const name = referredName(written);
    if (name !== null) {
      const within = [...name.inside, ...inside];
      const axis = pipeline.axes.indexOf(name.name);
      if (pipeline.overridden.has(name.name)) return { option: `--set ${name.name}` };
      if (axis >= 0) {
        const place = points.origins[axis][points.numbers[value.point][axis]];
        return { path: [...(place ?? ['sweep']), ...within] };
      }
      if (name.name === 'seed') return { path: ['seed'] };
      return follow(own(pipeline.params, name.name), ['params', name.name], within);
    }
    if (inside.length === 0 || written === null || typeof written !== 'object')
      return { path: [...path, ...inside] };
    const [next, ...rest] = inside;
    return follow(own(written as JsonObject, String(next)), [...path, next], rest);
  };
  const written = own(pipeline.spec.stages[key].with, parameter);
  return follow(written, ['stages', key, 'with', parameter], inside);
}

/** What a value refers to, where it is a reference and nothing else. */
function referredName(written: Json | undefined): { name: string; inside: readonly string[] } | null {
  if (typeof written !== 'string' || !mayRefer(written)) return null;
  const [first, ...others] = parsePieces(written);
  if (first?.kind !== 'reference' || others.length > 0) return null;
  const { reference } = first;
  if (reference.kind === 'params') return reference;
  return { name: reference.kind === 'sweep' ? reference.axis : 'seed', inside: [] };
}

import type { Json, JsonObject } from '../core/json.ts';
import { own } from '../spec/own.ts';
import type { ValuePath } from '../spec/problem.ts';
import { mayRefer, parsePieces } from '../spec/references.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';

/** Where a value was written: a path in the file, or the option that gave it. */
export type Origin = { readonly path: ValuePath } | { readonly option: string };

export interface Trace {
  readonly pipeline: EffectivePipeline;
  /** Where the value of an axis at this point was written; null for `--set`. */
  readonly originOfAxis: (axis: string) => ValuePath | null;
  /** The value that stands in the file. */
  readonly written: Json | undefined;
  readonly path: ValuePath;
  /** From there to the value in question, once references are expanded. */
  readonly inside: ValuePath;
}

/** Follows references that are whole values to the place where somebody wrote the value itself. */
export function traceOrigin({ pipeline, originOfAxis, written, path, inside }: Trace): Origin {
  const [first, ...others] = typeof written === 'string' && mayRefer(written) ? parsePieces(written) : [];
  if (first?.kind === 'reference' && others.length === 0) {
    const { reference } = first;
    const name =
      reference.kind === 'params' ? reference.name : reference.kind === 'sweep' ? reference.axis : 'seed';
    const within = [...(reference.kind === 'params' ? reference.inside : []), ...inside];
    if (pipeline.overridden.has(name)) return { option: `--set ${name}` };
    if (pipeline.axes.includes(name)) return { path: [...(originOfAxis(name) ?? ['sweep']), ...within] };
    if (name === 'seed' && reference.kind === 'seed') return { path: ['seed'] };
    return traceOrigin({
      pipeline,
      originOfAxis,
      written: own(pipeline.params, name),
      path: ['params', name],
      inside: within,
    });
  }
  if (inside.length === 0 || written === null || typeof written !== 'object')
    return { path: [...path, ...inside] };
  const [next, ...rest] = inside;
  const deeper = own(written as JsonObject, String(next));
  return traceOrigin({ pipeline, originOfAxis, written: deeper, path: [...path, next], inside: rest });
}

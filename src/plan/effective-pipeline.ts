import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Override, PipelineSpec, SweepSpec } from '../core/pipeline.ts';
import { suggest } from '../core/suggest.ts';
import { axesOf } from '../spec/axes.ts';
import { isSeed } from '../spec/check-sweep.ts';
import { showValue } from '../spec/describe-schema.ts';
import { own } from '../spec/own.ts';

/** A pipeline with what the command line says in place of what the file says. */
export interface EffectivePipeline {
  readonly spec: PipelineSpec;
  readonly seed: number;
  readonly params: JsonObject;
  readonly sweep: SweepSpec | null;
  /** In the order of the file. */
  readonly axes: readonly string[];
  /** Parameters and axes that `--set` gave: their values are taken as they are, without expansion. */
  readonly overridden: ReadonlySet<string>;
}

/** Applies `--set`: a parameter, the seed, or a swept axis, which it fixes at one value. The last of two wins. */
export function applyOverrides(
  spec: PipelineSpec,
  overrides: readonly Override[],
): { pipeline: EffectivePipeline; diagnostics: Diagnostic[] } {
  const axes = axesOf(spec.sweep);
  const params: { [name: string]: Json } = { ...spec.params };
  const diagnostics: Diagnostic[] = [];
  const overridden = new Set<string>();
  let { seed, sweep } = spec;
  for (const { key, value } of overrides) {
    const isParameter = own(spec.params, key) !== undefined;
    if (key === 'seed' && !isSeed(value)) {
      const message = `--set seed: a seed must be a whole number of at least 0, not ${showValue(value)}`;
      diagnostics.push({ severity: 'error', code: 'bad-value', message });
      continue;
    }
    if (key !== 'seed' && !isParameter) {
      const known = [...Object.keys(spec.params), 'seed'];
      const message = `--set ${key}: the pipeline has no parameter '${key}'`;
      diagnostics.push({
        severity: 'error',
        code: 'unknown-parameter',
        message,
        hint: suggest(key, known, 'it has'),
      });
      continue;
    }
    overridden.add(key);
    if (key === 'seed') seed = value as number;
    else params[key] = value;
    if (sweep && axes.includes(key)) sweep = fixAxis(sweep, key, value);
  }
  return { pipeline: { spec, seed, params, sweep, axes, overridden }, diagnostics };
}

/** The axis stays, so that steps keep their names, with one value at every point. */
function fixAxis(sweep: SweepSpec, axis: string, value: Json): SweepSpec {
  const { grid, zip, random } = sweep;
  return {
    ...sweep,
    grid: axis in grid ? { ...grid, [axis]: [value] } : grid,
    zip: axis in zip ? { ...zip, [axis]: zip[axis].map(() => value) } : zip,
    random:
      random && axis in random.axes
        ? { ...random, axes: { ...random.axes, [axis]: { kind: 'choice', values: [value] } } }
        : random,
    include: sweep.include.map((point) => ({ ...point, [axis]: value })),
  };
}

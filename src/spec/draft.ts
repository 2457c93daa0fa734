import { parseDuration } from '../core/duration.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { StageSpec, SweepSpec } from '../core/pipeline.ts';
import { type DemandOverride, isGpuDemand } from '../core/resources.ts';
import { axesOf } from './axes.ts';
import { readSweep } from './read-sweep.ts';

/**
 * As much of a pipeline as has the right form, so that one wrong value does not hide what is wrong
 * elsewhere.
 */
export interface PipelineDraft {
  readonly name: string | null;
  readonly seed: number;
  readonly engine: string | null;
  readonly params: JsonObject;
  readonly stages: { readonly [key: string]: StageSpec };
  readonly sweep: SweepSpec | null;
  readonly axes: readonly string[];
  readonly expect: JsonObject | null;
}

export function readDraft(value: JsonObject): PipelineDraft {
  const sweep = isObject(value.sweep) ? readSweep(value.sweep) : null;
  const stages = Object.entries(objectOr(value.stages)).flatMap(([key, stage]): [string, StageSpec][] =>
    isObject(stage) && typeof stage.uses === 'string' ? [[key, readStage(stage, stage.uses)]] : [],
  );
  return {
    name: typeof value.name === 'string' ? value.name : null,
    seed: typeof value.seed === 'number' ? value.seed : 0,
    engine: typeof value.engine === 'string' ? value.engine : null,
    params: objectOr(value.params),
    stages: Object.fromEntries(stages),
    sweep,
    axes: axesOf(sweep),
    expect: isObject(value.expect) ? value.expect : null,
  };
}

function readStage(stage: JsonObject, uses: string): StageSpec {
  const needs = Object.entries(objectOr(stage.needs)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const over = typeof stage.over === 'string' ? [stage.over] : stage.over;
  return {
    uses,
    needs: Object.fromEntries(needs),
    with: objectOr(stage.with),
    over: Array.isArray(over)
      ? [...new Set(over.filter((axis): axis is string => typeof axis === 'string'))]
      : null,
    missing: stage.missing === 'allow' ? 'allow' : 'fail',
    resources: readResources(objectOr(stage.resources)),
    retries: isCount(stage.retries) ? stage.retries : 0,
    timeoutMs: typeof stage.timeout === 'string' ? parseDuration(stage.timeout) : null,
  };
}

function readResources(resources: JsonObject): DemandOverride {
  return Object.fromEntries(
    Object.entries(resources).filter(([name, value]) =>
      name === 'gpu' ? typeof value === 'number' && isGpuDemand(value) : isCount(value),
    ),
  );
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value where it is a mapping, else an empty one. */
export function objectOr(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

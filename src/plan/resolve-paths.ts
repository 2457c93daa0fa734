import { basename, isAbsolute, posix, resolve } from 'node:path';
import { applies, type StageDeclaration } from '../core/declaration.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { StepSource } from '../core/plan.ts';
import { own } from '../spec/own.ts';
import { mayRefer, parsePieces } from '../spec/references.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import type { StageAtPoint } from './stage-at-point.ts';

/** Paths start from the pipeline's folder, or from the working folder where `--set` gave how they begin. */
export function resolvePaths(
  { pipeline, workingFolder, stage }: StageAtPoint,
  name: string,
  value: Json,
): Json {
  const { folder } = pipeline.spec;
  const place = (path: Json, written: Json | undefined): Json => {
    if (typeof path !== 'string') return path;
    return resolve(beginsWithOverride(written, pipeline) ? workingFolder : folder, path);
  };
  const written = own(stage.with, name);
  if (!Array.isArray(value)) return place(value, written);
  return value.map((path, index) => place(path, Array.isArray(written) ? written[index] : written));
}

function beginsWithOverride(written: Json | undefined, pipeline: EffectivePipeline): boolean {
  if (typeof written !== 'string' || !mayRefer(written)) return false;
  const [first] = parsePieces(written);
  if (first?.kind !== 'reference' || first.reference.kind === 'seed') return false;
  const name = first.reference.kind === 'params' ? first.reference.name : first.reference.axis;
  if (pipeline.overridden.has(name)) return true;
  if (pipeline.axes.includes(name)) return false;
  return beginsWithOverride(own(pipeline.params, name), pipeline);
}

/** @param written the same parameters with paths as they were given: a file in a list goes by that name. */
export function findSources(
  declaration: StageDeclaration,
  params: JsonObject,
  written: JsonObject,
): StepSource[] {
  return (declaration.sources ?? []).flatMap(({ parameter, kind, when }): StepSource[] => {
    const value = own(params, parameter);
    if (value === undefined || value === null || !applies(when, params)) return [];
    if (!Array.isArray(value)) return [{ parameter, kind, path: String(value) }];
    const names = written[parameter] as readonly Json[];
    return value.map((path, index) => {
      if (kind !== 'code') return { parameter: `${parameter}:${names[index]}`, kind, path: String(path) };
      const place = placeOf(String(names[index]));
      return { parameter: `${parameter}:${place}`, kind, path: String(path), place };
    });
  });
}

/** Where a source lies in a private folder: under its name, or the last part of one that leads elsewhere. */
function placeOf(name: string): string {
  const place = posix.normalize(name.replaceAll('\\', '/')).replace(/\/$/, '');
  return isAbsolute(name) || place === '.' || place.startsWith('..') ? basename(resolve(name)) : place;
}

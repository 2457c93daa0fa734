import { applies } from '../core/declaration.ts';
import { digestOf } from '../core/digest.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Point, StepSource } from '../core/plan.ts';
import { deriveSeed } from '../core/random.ts';
import {
  applyingParameters,
  checkParameters,
  type PropertySchema,
  propertiesOf,
  stageText,
} from '../spec/check-parameters.ts';
import { allowsNull, showValue } from '../spec/describe-schema.ts';
import { own } from '../spec/own.ts';
import { holdsReference } from '../spec/references.ts';
import { chooseInputs } from './choose-inputs.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import { Expander } from './expand-value.ts';
import { fillDefaults } from './fill-defaults.ts';
import { findSources, resolvePaths } from './resolve-paths.ts';
import type { StageAtPoint, StageProblem } from './stage-at-point.ts';

/** All of a step but its inputs' artifacts. */
export interface StageValues {
  readonly params: JsonObject;
  readonly identity: JsonObject;
  readonly sources: readonly StepSource[];
  readonly seed: string | null;
  /** The axes that any of this depends on. */
  readonly axes: ReadonlySet<string>;
  /** Names of the inputs that apply and are given, in the order of the file. */
  readonly inputs: readonly string[];
  /** Of all that makes two steps of this stage different, inputs aside. */
  readonly digest: string;
  readonly problems: readonly StageProblem[];
}

/** Expands a step's parameters at a point, drops those that do not apply, fills in defaults, and checks the rest. */
export function evaluateStage(at: StageAtPoint): StageValues {
  const { stage, declaration, pipeline, point } = at;
  const properties = propertiesOf(declaration);
  const { given, axesOf, problems } = expandParameters(at, properties);
  const applying = applyingParameters(properties, given, false);
  const applied = Object.fromEntries(Object.entries(given).filter(([name]) => applying(name) !== false));
  for (const name of Object.keys(stage.with)) {
    if (applying(name) === false) problems.push(notApplying(at, name, properties, given));
  }
  problems.push(...checkValues(at, applied));

  const params = fillDefaults(properties, applied, applying);
  const paths: JsonObject = Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) =>
      own(properties, name)?.path === true ? [[name, resolvePaths(at, name, value)]] : [],
    ),
  );
  const complete: JsonObject = { ...params, ...paths };
  const identity = Object.fromEntries(
    Object.entries(params).filter(([name]) => !(name in paths) && own(properties, name)?.execution !== true),
  );
  const seed = declaration.random ? deriveSeed(seedAt(pipeline, point), declaration.name) : null;
  const { inputs, problems: inputProblems } = chooseInputs(at, complete);
  return {
    params: complete,
    identity,
    sources: findSources(declaration, complete, params),
    seed,
    axes: dependentAxes(at, properties, applying, axesOf),
    inputs,
    digest: digestOf('stage-values', { stage: stage.uses, identity, paths, seed }),
    problems: [...problems, ...inputProblems],
  };
}

function seedAt(pipeline: EffectivePipeline, point: Point): number {
  return (own(point, 'seed') ?? pipeline.seed) as number;
}

interface ExpandedParameters {
  /** What was given, references expanded; a reference to nothing (null) gives nothing. */
  readonly given: JsonObject;
  readonly axesOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly problems: StageProblem[];
}

function expandParameters(
  { pipeline, stage, point }: StageAtPoint,
  properties: { readonly [name: string]: PropertySchema },
): ExpandedParameters {
  const expander = new Expander(pipeline, point);
  const given: { [name: string]: Json } = {};
  const axesOf = new Map<string, ReadonlySet<string>>();
  const problems: StageProblem[] = [];
  for (const [name, written] of Object.entries(stage.with)) {
    if (!holdsReference(written)) {
      given[name] = written;
      continue;
    }
    const shell = own(properties, name)?.shell === true;
    const { value, axes, problem } = shell ? expander.expandShell(written) : expander.expand(written);
    axesOf.set(name, axes);
    if (problem) {
      const place = { in: 'with' as const, name, inside: [] };
      problems.push({ at: 'value', code: 'bad-reference', message: problem, place });
    } else if (value !== null || allowsNull(own(properties, name) ?? {})) given[name] = value;
  }
  return { given, axesOf, problems };
}

/** A parameter that does not apply depends on what decided so; one that only says how to compute does not count. */
function dependentAxes(
  { stage, declaration, point }: StageAtPoint,
  properties: { readonly [name: string]: PropertySchema },
  applying: (name: string) => boolean | undefined,
  axesOf: ReadonlyMap<string, ReadonlySet<string>>,
): Set<string> {
  const decisive = new Set(
    Object.keys(stage.with).filter(
      (name) => applying(name) !== false && own(properties, name)?.execution !== true,
    ),
  );
  const conditions = [...Object.values(properties), ...Object.values(declaration.inputs)].map(
    ({ when }) => when ?? {},
  );
  for (const control of conditions.flatMap(Object.keys)) if (applying(control)) decisive.add(control);
  const axes = new Set([...decisive].flatMap((name) => [...(axesOf.get(name) ?? [])]));
  if (declaration.random && 'seed' in point) axes.add('seed');
  return axes;
}

function notApplying(
  { key, declaration }: StageAtPoint,
  name: string,
  properties: { readonly [name: string]: PropertySchema },
  given: JsonObject,
): StageProblem {
  const when = properties[name].when ?? {};
  const control = Object.keys(when).find(
    (control) =>
      !applies({ [control]: when[control] }, { [control]: valueGiven(control, properties, given) ?? null }),
  );
  const because =
    control === undefined
      ? ''
      : ` where '${control}' is ${showValue(valueGiven(control, properties, given) ?? null)}`;
  return {
    severity: 'note',
    at: 'key',
    code: 'not-applying',
    message: `parameter '${name}' of ${stageText(key, declaration.name)} does not apply${because}, and is left out`,
    place: { in: 'with', name, inside: [] },
  };
}

function valueGiven(
  name: string,
  properties: { readonly [name: string]: PropertySchema },
  given: JsonObject,
): Json | undefined {
  return own(given, name) ?? own(properties, name)?.default;
}

function checkValues({ declaration, key }: StageAtPoint, values: JsonObject): StageProblem[] {
  return checkParameters({ declaration, step: key, values, references: false }).map(
    ({ path: [name, ...inside], ...problem }) => ({
      severity: 'error',
      ...problem,
      place: { in: 'with', name: String(name), inside },
    }),
  );
}

import { applies, type StageDeclaration } from '../core/declaration.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { canonicalJson, type Json, type JsonObject } from '../core/json.ts';
import type { StageSpec } from '../core/pipeline.ts';
import type { Point, StepSource } from '../core/plan.ts';
import { deriveSeed } from '../core/random.ts';
import {
  applyingParameters,
  checkParameter,
  checkParameters,
  type PropertySchema,
  propertiesOf,
  stageText,
} from '../spec/check-parameters.ts';
import { allowsNull, showValue } from '../spec/describe-schema.ts';
import { own } from '../spec/own.ts';
import type { Problem } from '../spec/problem.ts';
import { holdsReference } from '../spec/references.ts';
import { chooseInputs } from './choose-inputs.ts';
import type { EffectivePipeline } from './effective-pipeline.ts';
import { Expander } from './expand-value.ts';
import { fillDefaults, fillWithin } from './fill-defaults.ts';
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
  /** Equal where nothing differs that makes two steps of this stage different, but for their inputs' artifacts. */
  readonly text: string;
  /** Of the same; counted when asked for. */
  readonly digest: Digest;
  /** What this point is the first to show: a problem of a parameter without references is told once. */
  readonly problems: readonly StageProblem[];
}

export interface StageOfPipeline {
  readonly pipeline: EffectivePipeline;
  readonly workingFolder: string;
  readonly key: string;
  readonly stage: StageSpec;
  readonly declaration: StageDeclaration;
}

/**
 * Expands a step's parameters at points, drops those that do not apply, fills in defaults, and checks the
 * rest. What points have in common is worked out once for each combination of parameters that apply.
 */
export function createStageEvaluator(of: StageOfPipeline): (point: Point) => StageValues {
  const { pipeline, stage, declaration } = of;
  const properties = propertiesOf(declaration);
  const referring = Object.keys(stage.with).filter((name) => holdsReference(stage.with[name]));
  const controls = controlsOf(properties, declaration);
  const frames = new Map<string, Frame>();
  const seeds = new Map<number, string>();
  const seedOf = (seed: number): string => {
    const known = seeds.get(seed) ?? deriveSeed(seed, declaration.name);
    seeds.set(seed, known);
    return known;
  };

  return (point) => {
    const at: StageAtPoint = { ...of, point };
    const { given, axesOf, problems } = expandParameters(at, referring, properties);
    const shape = canonicalJson([
      referring.filter((name) => !(name in given)),
      controls.map((name) => own(given, name) ?? null),
    ]);
    let frame = frames.get(shape);
    if (frame) problems.push(...checkReferring(at, frame, given));
    else {
      frame = createFrame(at, { properties, given, axesOf, referring });
      frames.set(shape, frame);
      problems.push(...frame.problems);
    }
    const { params, identity, paths, inputs, axes, changing } = frame;
    const here = { params: { ...params }, identity: { ...identity }, paths: { ...paths } };
    for (const { name, schema } of changing) {
      const value = schema ? fillWithin(schema, given[name]) : given[name];
      here.params[name] = value;
      if (name in paths) here.paths[name] = resolvePaths(at, name, value);
      else if (name in identity) here.identity[name] = value;
    }
    // A parameter that refers to nothing here has its default: it counts as if it had been given.
    const changed = referring.map((name) => own(here.identity, name) ?? own(here.paths, name) ?? null);
    const complete: JsonObject = { ...here.params, ...here.paths };
    const seed = declaration.random ? seedOf(seedAt(pipeline, point)) : null;
    const structure = { stage: stage.uses, identity: here.identity, paths: here.paths, seed };
    return {
      params: complete,
      identity: here.identity,
      sources: frame.sources ?? findSources(declaration, complete, here.params),
      seed,
      axes,
      inputs,
      text: `${frame.text}${canonicalJson(changed)}${seed}`,
      get digest() {
        return digestOf('stage-values', structure);
      },
      problems,
    };
  };
}

/** What is the same at all points at which the same parameters apply, with the values of the first of them. */
interface Frame {
  readonly params: JsonObject;
  readonly identity: JsonObject;
  readonly paths: JsonObject;
  /** null where they change from point to point. */
  readonly sources: readonly StepSource[] | null;
  readonly axes: ReadonlySet<string>;
  readonly inputs: readonly string[];
  /** Parameters that apply and refer to something; with no schema where the declaration has none. */
  readonly changing: readonly { readonly name: string; readonly schema: PropertySchema | undefined }[];
  /** As `StageValues` has it, without what changes. */
  readonly text: string;
  readonly problems: readonly StageProblem[];
}

interface FrameParts extends Omit<ExpandedParameters, 'problems'> {
  readonly properties: { readonly [name: string]: PropertySchema };
  readonly referring: readonly string[];
}

function createFrame(at: StageAtPoint, { properties, given, axesOf, referring }: FrameParts): Frame {
  const { stage, declaration } = at;
  const applying = applyingParameters(properties, given, false);
  const applied = Object.fromEntries(Object.entries(given).filter(([name]) => applying(name) !== false));
  const left = Object.keys(stage.with).filter((name) => applying(name) === false);
  const params = fillDefaults(properties, applied, applying);
  const paths: JsonObject = Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) =>
      own(properties, name)?.path === true ? [[name, resolvePaths(at, name, value)]] : [],
    ),
  );
  const identity = Object.fromEntries(
    Object.entries(params).filter(([name]) => !(name in paths) && own(properties, name)?.execution !== true),
  );
  const complete = { ...params, ...paths };
  const { inputs, problems } = chooseInputs(at, complete);
  const changing = referring.filter((name) => name in applied);
  const fixed = (values: JsonObject) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !referring.includes(name)));
  const changingSource = (declaration.sources ?? []).some(({ parameter }) => changing.includes(parameter));
  return {
    params,
    identity,
    paths,
    sources: changingSource ? null : findSources(declaration, complete, params),
    axes: dependentAxes(at, properties, applying, axesOf),
    inputs,
    changing: changing.map((name) => ({ name, schema: own(properties, name) })),
    text: canonicalJson([fixed(identity), fixed(paths), inputs]),
    problems: [
      ...left.map((name) => notApplying(at, name, properties, given)),
      ...placed(checkParameters({ declaration, step: at.key, values: applied, references: false })),
      ...problems,
    ],
  };
}

/** Parameters whose values decide which others apply, and which inputs and sources. */
function controlsOf(
  properties: { readonly [name: string]: PropertySchema },
  { inputs, sources = [] }: StageDeclaration,
): string[] {
  const conditions = [...Object.values(properties), ...Object.values(inputs), ...sources];
  return [...new Set(conditions.flatMap(({ when }) => Object.keys(when ?? {})))];
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
  referring: readonly string[],
  properties: { readonly [name: string]: PropertySchema },
): ExpandedParameters {
  const expander = new Expander(pipeline, point);
  const given: { [name: string]: Json } = {};
  const axesOf = new Map<string, ReadonlySet<string>>();
  const problems: StageProblem[] = [];
  for (const [name, written] of Object.entries(stage.with)) {
    if (!referring.includes(name)) {
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

/** Of another point with the same frame: only what refers to something can be wrong in a new way. */
function checkReferring({ declaration, key }: StageAtPoint, { changing }: Frame, given: JsonObject) {
  const check = { declaration, step: key, references: false };
  return changing.flatMap(({ name }) => placed(checkParameter(check, name, given[name])));
}

function placed(problems: readonly Problem[]): StageProblem[] {
  return problems.map(({ path: [name, ...inside], ...problem }) => ({
    severity: 'error',
    ...problem,
    place: { in: 'with', name: String(name), inside },
  }));
}

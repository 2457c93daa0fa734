import type { Catalogue } from '../core/declaration.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { JsonObject } from '../core/json.ts';
import type { PipelineSpec } from '../core/pipeline.ts';
import { checkExpect } from './check-expect.ts';
import { checkForm } from './check-form.ts';
import { checkNames } from './check-names.ts';
import { checkNesting } from './check-nesting.ts';
import { checkParameters } from './check-parameters.ts';
import { checkPolicy } from './check-policy.ts';
import { checkReferences } from './check-references.ts';
import { checkRandom, checkSweep } from './check-sweep.ts';
import { checkWiring } from './check-wiring.ts';
import { objectOr, type PipelineDraft, readDraft } from './draft.ts';
import { own } from './own.ts';
import { coreForm } from './pipeline-form.ts';
import { inTextOrder, type PositionOf, type Problem, toDiagnostic } from './problem.ts';
import { readText } from './read-text.ts';
import { lexYaml, readYaml } from './read-yaml.ts';

export interface PipelineFile {
  readonly bytes: Uint8Array;
  /** As the user named it, for messages. */
  readonly file: string;
  /** Folder that relative paths in the file start from, absolute. */
  readonly folder: string;
  readonly catalogue: Catalogue;
}

export interface ParsedPipeline {
  /** Null where any diagnostic is an error. */
  readonly spec: PipelineSpec | null;
  readonly diagnostics: readonly Diagnostic[];
  /** What the positions refer to; empty where the bytes are no text. */
  readonly text: string;
  /**
   * The steps that nothing is wrong with so far, where others are at fault: planning them finds what
   * only expanded values show, so that all problems are told at once. Null where the file is no pipeline.
   */
  readonly sound: PipelineSpec | null;
}

/** Reads a pipeline file and checks all that can be known before the sweep is expanded. Never throws. */
export function parsePipeline({ bytes, file, folder, catalogue }: PipelineFile): ParsedPipeline {
  const { text, diagnostic } = readText(bytes, file);
  const refuse = (diagnostics: readonly Diagnostic[]): ParsedPipeline => ({
    spec: null,
    diagnostics,
    text,
    sound: null,
  });
  if (diagnostic) {
    // Of a file that is too large the beginning may tell more than its size.
    return refuse([(diagnostic.code === 'too-large' && checkNesting(lexYaml(text), file)) || diagnostic]);
  }
  const yaml = readYaml(text, file);
  const { value, positionOf } = yaml;
  const noPipeline = explainNoPipeline(value);
  if (yaml.diagnostics.length > 0 && (value === null || noPipeline))
    return refuse(inTextOrder(yaml.diagnostics));
  if (noPipeline) return refuse([toDiagnostic(noPipeline, positionOf, text)]);

  const draft = readDraft(value as JsonObject);
  const problems = [
    ...checkForm(value as JsonObject),
    ...checkPolicy(objectOr((value as JsonObject).stages)),
    ...checkRandom(objectOr((value as JsonObject).sweep)),
    ...checkStages(draft, catalogue, positionOf),
  ];
  // A value that cannot be read stands as null, which nobody wrote: what null is not is no news.
  const unreadable = new Set(yaml.diagnostics.map(placeOf));
  const diagnostics = inTextOrder([
    ...yaml.diagnostics,
    ...problems
      .map((problem) => ({ ...problem, diagnostic: toDiagnostic(problem, positionOf, text) }))
      .filter(({ at, diagnostic }) => at === 'key' || !unreadable.has(placeOf(diagnostic)))
      .map(({ diagnostic }) => diagnostic),
  ]);
  const spec = toSpec(draft, { file, folder, text, positionOf });
  if (!diagnostics.some(({ severity }) => severity === 'error'))
    return { spec, diagnostics, text, sound: spec };
  return { spec: null, diagnostics, text, sound: withoutFaulty(spec, problems) };
}

function placeOf({ position }: Diagnostic): string {
  return position ? `${position.line}:${position.column}` : '';
}

function checkStages(draft: PipelineDraft, catalogue: Catalogue, positionOf: PositionOf): Problem[] {
  const problems = [...checkNames(draft, catalogue)];
  const random: string[] = [];
  for (const [key, stage] of Object.entries(draft.stages)) {
    const declaration = own(catalogue.stages, stage.uses)?.declaration;
    if (!declaration) continue;
    if (declaration.random) random.push(key);
    const found = checkParameters({ declaration, step: key, values: stage.with, references: true });
    problems.push(
      ...found.map((problem) => ({ ...problem, path: ['stages', key, 'with', ...problem.path] })),
    );
  }
  return [
    ...problems,
    ...checkReferences(draft),
    ...checkWiring({ draft, catalogue, positionOf }),
    ...checkSweep(draft, random),
    ...checkExpect(draft, catalogue),
  ];
}

/** What else a YAML file may be: said once, instead of a complaint about every key in it. */
function explainNoPipeline(value: PipelineSpec['params'][string]): Problem | null {
  const hint = "'clade init' writes a pipeline to start from";
  const problem = (message: string): Problem => ({
    path: [],
    at: 'value',
    code: 'not-a-pipeline',
    message,
    hint,
  });
  if (value === null)
    return problem("the file holds no value, and a pipeline is a mapping with 'stages' in it");
  if (typeof value !== 'object' || Array.isArray(value)) {
    const kind = Array.isArray(value)
      ? 'a list'
      : typeof value === 'string'
        ? 'plain text'
        : 'a single value';
    return problem(`the file holds ${kind}, and a pipeline is a mapping with 'stages' in it`);
  }
  const known = Object.keys(coreForm.properties as JsonObject);
  if (Object.keys(value).some((key) => known.includes(key) && key !== 'name')) return null;
  return problem("this is no pipeline: it has no 'stages'");
}

interface Origin {
  readonly file: string;
  readonly folder: string;
  readonly text: string;
  readonly positionOf: PositionOf;
}

function toSpec(draft: PipelineDraft, { file, folder, text, positionOf }: Origin): PipelineSpec {
  const { name, seed, engine, params, stages, sweep, expect } = draft;
  const fileName = file.split(/[\\/]/).at(-1) ?? file;
  return {
    name: name ?? fileName.replace(/\.ya?ml$/i, ''),
    file,
    folder,
    text,
    seed,
    engine,
    params,
    stages,
    sweep,
    expect,
    positionOf,
  };
}

/** Without the steps at fault and all that need them; null where the fault lies in what all steps share. */
function withoutFaulty(spec: PipelineSpec, problems: readonly Problem[]): PipelineSpec | null {
  const errors = problems.filter(({ severity }) => severity === undefined || severity === 'error');
  if (errors.some(({ path, code }) => path[0] === 'params' || path[0] === 'sweep' || code === 'cycle'))
    return null;
  const left = new Map(Object.entries(spec.stages));
  for (const { path } of errors) if (path[0] === 'stages') left.delete(String(path[1]));
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [key, stage] of left) {
      if (Object.values(stage.needs).some((from) => !left.has(from))) left.delete(key);
    }
  }
  return { ...spec, stages: Object.fromEntries(left) };
}

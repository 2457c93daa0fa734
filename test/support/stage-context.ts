import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metric, Progress } from '../../src/core/artifact.ts';
import { applies, type StageDeclaration } from '../../src/core/declaration.ts';
import { ExpectedFailure, type Failure, fail } from '../../src/core/failure.ts';
import { byCodeUnit, type Json, type JsonObject } from '../../src/core/json.ts';
import { createRandom, deriveSeed } from '../../src/core/random.ts';
import type { CollectedInput, SourceReader, StageContext, StageRun } from '../../src/core/stage.ts';
import type { Engine } from '../../src/core/trainable.ts';
import { createReferenceTrainable } from './reference-trainable.ts';

export interface StageTrial {
  /** As written in a pipeline file; defaults are filled in. */
  readonly params?: { readonly [name: string]: Json };
  /** Folders of artifacts. */
  readonly inputs?: { readonly [name: string]: string | readonly CollectedInput[] };
  /** Files or folders by their parameter. */
  readonly sources?: { readonly [parameter: string]: string };
  readonly seed?: number;
  /** Files of checkpoints go here, and are loaded from here; save is due at every chance. */
  readonly checkpoints?: Map<string, Uint8Array>[];
  readonly signal?: AbortSignal;
}

export interface StageOutcome {
  /** Folder of the artifact. */
  readonly out: string;
  readonly metrics: readonly Metric[];
  readonly notes: readonly string[];
  readonly names: readonly { readonly id: string; readonly source: string }[];
  readonly progress: readonly Progress[];
}

interface Stage<Parameters> {
  readonly declaration: StageDeclaration;
  readonly run: StageRun<Parameters>;
}

/** A fresh folder; the caller's `onTestFinished` or `afterAll` removes it. */
export function makeTempFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'clade-stage-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs a stage without runner or worker, its tensors computed by the slow and plain reference engine. */
export async function runStage<Parameters>(
  { declaration, run }: Stage<Parameters>,
  out: string,
  trial: StageTrial = {},
): Promise<StageOutcome> {
  mkdirSync(out, { recursive: true });
  const { inputs = {}, sources = {}, checkpoints = [] } = trial;
  const notes: string[] = [];
  const names: { id: string; source: string }[] = [];
  const progress: Progress[] = [];
  const optionalInput = (name: string) => (typeof inputs[name] === 'string' ? inputs[name] : null);
  const context: StageContext<Parameters> = {
    params: fillDefaults(declaration, trial.params ?? {}) as Parameters,
    out,
    inputNames: Object.keys(inputs),
    input: (name) => optionalInput(name) ?? missing(`input '${name}'`),
    optionalInput,
    collected(name) {
      const input = inputs[name] ?? missing(`input '${name}'`);
      return typeof input === 'string' ? [{ point: {}, folder: input }] : input;
    },
    source: (parameter) => readFrom(sources[parameter] ?? missing(`source '${parameter}'`)),
    sourceNames: (parameter) =>
      Object.keys(sources)
        .filter((name) => name.startsWith(`${parameter}:`))
        .map((name) => name.slice(parameter.length + 1)),
    scratch: `${out}.scratch`,
    threads: 1,
    random: () =>
      declaration.random ? createRandom(deriveSeed(trial.seed ?? 7, declaration.name)) : missing('random'),
    engine: async () => (declaration.engine ? referenceEngine : missing('engine')),
    checkpoint: {
      load: async () => checkpoints.at(-1) ?? null,
      save: async (files) => void checkpoints.push(new Map(files)),
      due: () => trial.checkpoints !== undefined,
    },
    names: (rows) => void names.push(...rows),
    progress: (step) => void progress.push(step),
    log: () => {},
    note: (message) => void notes.push(message),
    signal: trial.signal ?? new AbortController().signal,
  };
  const result = await run(context);
  return { out, metrics: result?.metrics ?? [], notes, names, progress };
}

/** The failure that a promise ends in. @throws what else it ends in. */
export async function failureOf(outcome: Promise<unknown>): Promise<Failure> {
  try {
    await outcome;
  } catch (error) {
    if (error instanceof ExpectedFailure) return error.failure;
    throw error;
  }
  throw new Error('expected a failure, and there was none');
}

/** As the plan does it: defaults of the parameters that apply. */
function fillDefaults(declaration: StageDeclaration, given: JsonObject): JsonObject {
  const filled: { [name: string]: Json } = { ...given };
  const properties = declaration.parameters.properties as {
    [name: string]: { default?: Json; when?: { [parameter: string]: (string | number | boolean)[] } };
  };
  for (const [name, schema] of Object.entries(properties)) {
    if (filled[name] === undefined && schema.default !== undefined && applies(schema.when, filled))
      filled[name] = schema.default;
  }
  return filled;
}

function readFrom(place: string): SourceReader {
  return {
    async list() {
      if ((await stat(place)).isFile()) return [''];
      const entries = await readdir(place, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1))
        .sort(byCodeUnit);
    },
    read: async (path) =>
      readFile(path === '' ? place : join(place, path)).catch(() =>
        fail('missing-source', `${path} is not there`),
      ),
    exists: async (path) =>
      stat(join(place, path)).then(
        (entry) => entry.isFile(),
        () => false,
      ),
  };
}

const referenceEngine: Engine = {
  identity: { name: 'reference', version: '1', kernels: '' },
  exact: true,
  createTrainable: async (network, options) => createReferenceTrainable(network, options),
  dispose: () => {},
};

function missing(what: string): never {
  throw new Error(`the stage has no ${what}`);
}

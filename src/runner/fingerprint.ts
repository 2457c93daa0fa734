import type { CollectedDigests, FileDigests, FingerprintFields, OutputFile } from '../core/artifact.ts';
import {
  type CatalogueEntry,
  type InputDeclaration,
  matchesPattern,
  readPatterns,
} from '../core/declaration.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import type { Json } from '../core/json.ts';
import type { Step } from '../core/plan.ts';
import type { EngineIdentity } from '../core/trainable.ts';

export interface FingerprintSources {
  readonly step: Step;
  readonly entry: CatalogueEntry;
  readonly engine: EngineIdentity;
  /** The published files of a step that this one needs; null for a point that it does without. */
  readonly outputsOf: (stepId: string) => readonly OutputFile[] | null;
  readonly sources: { readonly [parameter: string]: FileDigests };
}

/** All that decides a step's artifact, once its inputs are there. */
export function fingerprintFields({
  step,
  entry,
  engine,
  outputsOf,
  sources,
}: FingerprintSources): FingerprintFields {
  const { declaration } = entry;
  const inputs: { [input: string]: FileDigests | CollectedDigests[] } = {};
  for (const [name, input] of Object.entries(step.inputs)) {
    const patterns = readPatterns(inputDeclaration(entry, name), step.params);
    if (input.kind === 'one') {
      inputs[name] = filesRead(outputsOf(input.step)!, patterns);
    } else {
      inputs[name] = input.members.map(({ point, step: from }): CollectedDigests => {
        const outputs = outputsOf(from);
        return outputs ? { point, files: filesRead(outputs, patterns) } : { point, files: {}, missing: true };
      });
    }
  }
  return {
    stage: declaration.name,
    code: entry.code,
    parameters: step.identity,
    seed: step.seed,
    engine: declaration.engine ? engine : null,
    inputs,
    sources,
  };
}

export function fingerprintOf(fields: FingerprintFields): Digest {
  return digestOf('fingerprint', fields as unknown as Json);
}

/** The size of all files that a step reads of its inputs, bytes; points that it does without count nothing. */
export function inputBytes({
  step,
  entry,
  outputsOf,
}: Omit<FingerprintSources, 'engine' | 'sources'>): number {
  let bytes = 0;
  for (const [name, input] of Object.entries(step.inputs)) {
    const patterns = readPatterns(inputDeclaration(entry, name), step.params);
    const steps = input.kind === 'one' ? [input.step] : input.members.map(({ step: from }) => from);
    for (const { path, sizeBytes } of steps.flatMap((from) => outputsOf(from) ?? []))
      if (matchesPattern(path, patterns)) bytes += sizeBytes;
  }
  return bytes;
}

function inputDeclaration(entry: CatalogueEntry, name: string): InputDeclaration {
  const input = entry.declaration.inputs[name] ?? entry.declaration.anyInputs;
  if (!input) throw new Error(`${entry.declaration.name} declares no input '${name}'`);
  return input;
}

function filesRead(outputs: readonly OutputFile[], patterns: readonly string[]): FileDigests {
  const files: { [path: string]: Digest } = {};
  for (const { path, digest } of outputs) {
    if (matchesPattern(path, patterns)) files[path] = digest;
  }
  return files;
}

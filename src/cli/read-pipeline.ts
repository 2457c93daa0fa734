import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Catalogue } from '../core/declaration.ts';
import type { Expectation } from '../core/expectation.ts';
import type { Plan } from '../core/plan.ts';
import { nearest } from '../core/suggest.ts';
import { readPlan } from '../plan/read-plan.ts';
import { readOverride } from '../spec/read-override.ts';
import { renderDiagnostic } from '../spec/render-diagnostic.ts';
import { UsageError } from './usage-error.ts';

export interface PipelineRequest {
  readonly file: string;
  /** What the file held; what it holds now where absent. */
  readonly text?: Uint8Array;
  readonly catalogue: Catalogue;
  /** `--set key=value`, as typed. */
  readonly set: readonly string[];
  /** `--only STEP`, as typed. */
  readonly only?: readonly string[];
}

/**
 * Reads, checks and plans a pipeline file. Every problem is said on stderr, in one pass.
 * @returns null where there was an error.
 */
export function readPipeline(request: PipelineRequest): Plan | null {
  return readPipelineFile(request)?.plan ?? null;
}

export interface PipelineReading {
  readonly plan: Plan;
  readonly expectations: readonly Expectation[];
}

/** As `readPipeline`, with what the file expects of the results. */
export function readPipelineFile(request: PipelineRequest): PipelineReading | null {
  const { file, catalogue, set, only } = request;
  const overrides = set.map((text) => {
    const result = readOverride(text);
    if ('problem' in result) throw new UsageError(result.problem);
    return result.override;
  });
  const { plan, expectations, diagnostics, text } = readPlan({
    bytes: request.text ?? readBytes(file),
    file,
    folder: dirname(resolve(file)),
    catalogue,
    overrides,
    workingFolder: process.cwd(),
    only,
  });
  // Notes are told by the run itself.
  const told = diagnostics.filter(({ severity }) => severity !== 'note');
  if (told.length > 0) {
    process.stderr.write(`${told.map((diagnostic) => renderDiagnostic(diagnostic, text)).join('\n\n')}\n`);
  }
  return plan && { plan, expectations };
}

/** The pipeline file of nearly this name in the same folder. */
function nameBeside(file: string): string {
  let names: string[] = [];
  try {
    names = readdirSync(dirname(file)).filter((name) => /\.ya?ml$/.test(name));
  } catch {} // no such folder either
  const near = nearest(basename(file), names);
  return near === null ? '' : `; did you mean '${join(dirname(file), near)}'?`;
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`no pipeline file ${file}${nameBeside(file)}`);
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder; a pipeline file was expected`);
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

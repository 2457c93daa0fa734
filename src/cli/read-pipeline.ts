import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Catalogue } from '../core/declaration.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { PipelineSpec } from '../core/pipeline.ts';
import type { Plan } from '../core/plan.ts';
import { planPipeline } from '../plan/plan-pipeline.ts';
import { parsePipeline } from '../spec/parse-pipeline.ts';
import { readOverride } from '../spec/read-override.ts';
import { renderDiagnostic } from '../spec/render-diagnostic.ts';
import { UsageError } from './usage-error.ts';

export interface ReadPipeline {
  readonly spec: PipelineSpec;
  readonly plan: Plan;
}

export interface PipelineRequest {
  readonly file: string;
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
export function readPipeline({ file, catalogue, set, only }: PipelineRequest): ReadPipeline | null {
  const bytes = readBytes(file);
  const overrides = set.map((text) => {
    const result = readOverride(text);
    if ('problem' in result) throw new UsageError(result.problem);
    return result.override;
  });
  const parsed = parsePipeline({ bytes, file, folder: dirname(resolve(file)), catalogue });
  const planned = parsed.spec
    ? planPipeline({
        spec: parsed.spec,
        catalogue,
        overrides,
        workingFolder: process.cwd(),
        ...(only?.length ? { only } : {}),
      })
    : { plan: null, diagnostics: [] };
  const diagnostics = [...parsed.diagnostics, ...planned.diagnostics];
  say(diagnostics, bytes);
  if (!parsed.spec || !planned.plan || diagnostics.some(({ severity }) => severity === 'error')) return null;
  return { spec: parsed.spec, plan: planned.plan };
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`no pipeline file ${file}`);
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder; a pipeline file was expected`);
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function say(diagnostics: readonly Diagnostic[], bytes: Uint8Array): void {
  const shown = diagnostics.filter(({ severity }) => severity !== 'note');
  if (shown.length === 0) return;
  const text = new TextDecoder().decode(bytes);
  process.stderr.write(`${shown.map((diagnostic) => renderDiagnostic(diagnostic, text)).join('\n\n')}\n`);
}

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Catalogue } from '../core/declaration.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Plan } from '../core/plan.ts';
import { planPipeline } from '../plan/plan-pipeline.ts';
import { parsePipeline } from '../spec/parse-pipeline.ts';
import { readOverride } from '../spec/read-override.ts';
import { renderDiagnostic } from '../spec/render-diagnostic.ts';
import { UsageError } from './usage-error.ts';

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
export function readPipeline({ file, catalogue, set, only }: PipelineRequest): Plan | null {
  const overrides = set.map((text) => {
    const result = readOverride(text);
    if ('problem' in result) throw new UsageError(result.problem);
    return result.override;
  });
  const folder = dirname(resolve(file));
  const { spec, sound, text, diagnostics } = parsePipeline({
    bytes: readBytes(file),
    file,
    folder,
    catalogue,
  });
  // Where some steps are at fault the others are planned all the same, so that all problems are told at once.
  const toPlan = spec ?? sound;
  const planned = toPlan
    ? planPipeline({
        spec: toPlan,
        catalogue,
        overrides,
        workingFolder: process.cwd(),
        only: spec ? only : [],
      })
    : { plan: null, diagnostics: [] };
  const said = sayOnce([...diagnostics, ...planned.diagnostics], text);
  return spec && !said.some(({ severity }) => severity === 'error') ? planned.plan : null;
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

/** Notes are told by the run itself. */
function sayOnce(diagnostics: readonly Diagnostic[], text: string): readonly Diagnostic[] {
  const rendered = diagnostics
    .filter(({ severity }) => severity !== 'note')
    .map((diagnostic) => renderDiagnostic(diagnostic, text));
  if (rendered.length > 0) process.stderr.write(`${[...new Set(rendered)].join('\n\n')}\n`);
  return diagnostics;
}

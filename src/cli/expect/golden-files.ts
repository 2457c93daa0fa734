import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { GoldenUpdate } from '../../core/test-report.ts';
import type { GoldenFiles } from '../../expect/judge-file.ts';
import type { UpdatePlan } from '../../expect/plan-update.ts';
import { editValues } from '../../spec/edit-values.ts';

/**
 * Golden files of a pipeline: a path is relative to its file, one that ends in '/' a folder; `true` is
 * the folder NAME.golden beside it, with a folder a step.
 */
export function goldenFiles(pipelineFile: string): GoldenFiles {
  const folder = dirname(resolve(pipelineFile));
  const own = `${resolve(pipelineFile).replace(/\.ya?ml$/i, '')}.golden`;
  return {
    pathOf(golden, stepId, file) {
      if (golden === true) return join(own, stepId, file);
      const path = resolve(folder, golden);
      return golden.endsWith('/') ? join(path, file) : path;
    },
    async read(path) {
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}

export interface GoldenWriting {
  readonly plan: UpdatePlan;
  /** As the user named it. */
  readonly file: string;
  /** The text that the run was planned from. */
  readonly text: string;
}

/**
 * Writes golden values into the pipeline file, every other character of it kept, and golden files.
 * @returns what was written, or why the pipeline file was left as it is.
 */
export function writeGolden({ plan, file, text }: GoldenWriting): {
  readonly updates: readonly GoldenUpdate[];
  readonly refusals: readonly string[];
} {
  const updates: GoldenUpdate[] = [];
  const refusals: string[] = [];
  if (plan.values.length > 0) {
    const edited = editValues(text, plan.values);
    if ('problem' in edited) refusals.push(`${file}: ${edited.problem}`);
    else if (readFileSync(file, 'utf8').replace(/^\ufeff/, '') !== text)
      refusals.push(`${file} changed while the pipeline ran: it is left as it is`);
    else {
      replaceFile(file, (path) => writeFileSync(path, edited.text));
      for (const [index, { from, value }] of plan.values.entries())
        updates.push({ file, line: edited.lines[index], from, to: String(value) });
    }
  }
  for (const [golden, from] of plan.files) {
    mkdirSync(dirname(golden), { recursive: true });
    replaceFile(golden, (path) => {
      copyFileSync(from, path);
      chmodSync(path, 0o644); // objects are read-only, golden files are the user's own
    });
    updates.push({ file: relative(process.cwd(), golden), line: null, from: null, to: 'as found' });
  }
  return { updates, refusals };
}

/** Whole or not at all; a link stays one. */
function replaceFile(path: string, write: (temporary: string) => void): void {
  const target = realPath(path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    write(temporary);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

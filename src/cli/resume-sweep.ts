import { existsSync } from 'node:fs';
import { openLineage } from '../store/read-lineage.ts';
import { readRunCall } from '../store/read-run-folders.ts';
import { findRun } from './find-run.ts';
import { UsageError } from './usage-error.ts';

/** What decides which steps a run has. */
export interface RunCall {
  readonly file: string;
  /** `--set key=value`, as typed. */
  readonly set: readonly string[];
  readonly engine?: string;
}

/**
 * How the newest run of a sweep was called, with what is asked for now put upon it. The file is read as it
 * is now: what is there is reused, what failed or is missing, and points added meanwhile, are computed.
 * @param wanted the sweep's name, or a run.
 * @throws UsageError where there is none, or its pipeline file is gone.
 */
export function resumeSweep(
  wanted: string,
  artifacts: string,
  asked: { readonly set: readonly string[]; readonly engine?: string },
): RunCall {
  const lineage = openLineage(artifacts);
  try {
    const { id, file } = findRun(lineage, wanted);
    if (!existsSync(file))
      throw new UsageError(
        `--resume ${wanted}: its pipeline file ${file} is not here (run it from the folder where it was run, or give the file; its text is in ${artifacts}/runs/${id}/pipeline.yaml)`,
      );
    const { set, engine } = readRunCall(artifacts, id);
    const keyOf = (text: string) => text.split('=')[0];
    const again = new Set(asked.set.map(keyOf));
    return {
      file,
      set: [...set.filter((text) => !again.has(keyOf(text))), ...asked.set],
      engine: asked.engine ?? engine,
    };
  } finally {
    lineage.close();
  }
}

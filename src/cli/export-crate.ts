import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../core/digest.ts';
import type { Lineage } from '../store/read-lineage.ts';
import type { RunRow } from '../store/read-runs.ts';
import { type RoCrate, roCrate } from '../views/lineage/ro-crate.ts';
import { UsageError } from './usage-error.ts';

declare const CLADE_VERSION: string;

export interface ExportedStep {
  readonly stepId: string;
  readonly fingerprint: Digest;
  /** In the crate, '/'-separated. */
  readonly folder: string;
}

/** What describes a run's exported steps as an RO-Crate. */
export function describeCrate(
  lineage: Lineage,
  {
    run,
    steps,
    license,
  }: { readonly run: RunRow; readonly steps: readonly ExportedStep[]; readonly license: string },
): RoCrate {
  return roCrate({
    run,
    license,
    cladeVersion: CLADE_VERSION,
    pipelineFile: 'pipeline.yaml',
    steps: steps.map(({ stepId, fingerprint, folder }) => {
      const record = lineage.record(fingerprint);
      if (record === null) throw new UsageError(`lineage has no record of ${stepId} (${fingerprint})`);
      return { stepId, folder, record, upstream: lineage.upstream(fingerprint) };
    }),
  });
}

/** Makes an exported run a crate: its pipeline and `ro-crate-metadata.json` beside the copies. */
export function writeCrate(lineage: Lineage, to: string, run: RunRow, crate: RoCrate): void {
  mkdirSync(to, { recursive: true });
  copyFileSync(join(lineage.folder, 'runs', run.id, 'pipeline.yaml'), join(to, 'pipeline.yaml'));
  writeFileSync(join(to, 'ro-crate-metadata.json'), `${JSON.stringify(crate, null, 1)}\n`);
}

import type { Command } from 'commander';
import { type Lineage, openLineage } from '../store/read-lineage.ts';
import { lineageText } from '../views/lineage/lineage-text.ts';
import { findArtifact } from './find-artifact.ts';
import { artifactsOption, jsonOption } from './options.ts';
import { UsageError } from './usage-error.ts';

export function addLineageCommand(program: Command): void {
  program
    .command('lineage')
    .description('what made an artifact or file, from what, with which parameters, code and engine')
    .argument(
      '<artifact>',
      'a fingerprint or the start of one, a step of the latest run, or a path (also of a copy)',
    )
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .action((wanted: string, options: { json?: boolean; artifacts: string }) => {
      const lineage = openLineage(options.artifacts);
      try {
        for (const fingerprint of findArtifact(lineage, wanted))
          show(lineage, fingerprint, options.json === true);
      } finally {
        lineage.close();
      }
    });
}

function show(lineage: Lineage, fingerprint: string, json: boolean): void {
  const record = lineage.record(fingerprint);
  const object = lineage.object(fingerprint);
  if (!record || !object) throw new UsageError(`lineage has no record of ${fingerprint}`);
  const upstream = lineage.upstream(fingerprint).map((link) => ({
    ...link,
    stepId: link.fingerprint ? (lineage.object(link.fingerprint)?.stepId ?? null) : null,
  }));
  const downstream = lineage.downstream(fingerprint);
  process.stdout.write(
    json
      ? `${JSON.stringify({ object, record, upstream, downstream })}\n`
      : lineageText({ object, record, upstream, downstream }),
  );
}

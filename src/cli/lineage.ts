import { existsSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { type Command, Option } from 'commander';
import type { Digest } from '../core/digest.ts';
import { type Lineage, openLineage } from '../store/read-lineage.ts';
import { formatDuration } from '../views/format.ts';
import { lineageText } from '../views/lineage/lineage-text.ts';
import { provDocument } from '../views/lineage/prov-json.ts';
import { findArtifact } from './find-artifact.ts';
import { artifactsOption, jsonOption } from './options.ts';
import { UsageError } from './usage-error.ts';
import { walkLineage } from './walk-lineage.ts';

interface LineageOptions {
  readonly json?: boolean;
  readonly downstream?: boolean;
  readonly format?: 'prov';
  readonly artifacts: string;
}

export function addLineageCommand(program: Command): void {
  program
    .command('lineage')
    .description('what made an artifact or file, from what, with which parameters, code and engine')
    .argument(
      '<artifact>',
      'a fingerprint or the start of one, a step of the latest run, or a path (also of a copy)',
    )
    .option('--downstream', 'what was made from it, directly and indirectly')
    .addOption(
      new Option('--format <name>', 'prov: it and all it descends from, as W3C PROV-JSON')
        .choices(['prov'])
        .conflicts(['json', 'downstream']),
    )
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action((wanted: string, options: LineageOptions) => {
      const lineage = openLineage(options.artifacts);
      try {
        const fingerprints = findArtifact(lineage, wanted);
        if (existsSync(wanted)) expectAsMade(lineage, wanted, fingerprints);
        if (options.format === 'prov') showProv(lineage, fingerprints);
        else if (options.downstream) showDownstream(lineage, fingerprints, options.json === true);
        else for (const fingerprint of fingerprints) show(lineage, fingerprint, options.json === true);
      } finally {
        lineage.close();
      }
    });
}

const EXAMPLES = `
Examples:
  clade lineage artifacts/runs/latest/steps/finetune/centres.npy
  clade lineage ~/paper/figure-3.svg
  clade lineage pretrain --downstream
  clade lineage finetune --format prov > finetune.prov.json`;

/** What lies in an object and was edited there was made by no step. */
function expectAsMade(lineage: Lineage, path: string, fingerprints: readonly Digest[]): void {
  const damage = fingerprints.map((fingerprint) => lineage.damageOf(fingerprint)).find((one) => one !== null);
  if (!damage || !realpathSync(path).startsWith(realpathSync(lineage.folder) + sep)) return;
  throw new UsageError(`${path} is in an artifact that is not as a step made it (${damage}): clade verify`);
}

function show(lineage: Lineage, fingerprint: Digest, json: boolean): void {
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

function showDownstream(lineage: Lineage, from: readonly Digest[], json: boolean): void {
  const reached = walkLineage(from, (fingerprint) =>
    lineage.downstream(fingerprint).map((object) => object.fingerprint),
  );
  const objects = reached.slice(from.length).flatMap((fingerprint) => lineage.object(fingerprint) ?? []);
  if (json) {
    process.stdout.write(`${JSON.stringify({ downstream: objects })}\n`);
    return;
  }
  const lines = objects.map(
    ({ stepId, fingerprint, state, durationMs }) =>
      `${stepId}  ${fingerprint.slice(0, 16)}  ${state}, made in ${formatDuration(durationMs)}`,
  );
  process.stdout.write(`${lines.length > 0 ? lines.join('\n') : 'nothing was made from it'}\n`);
}

function showProv(lineage: Lineage, from: readonly Digest[]): void {
  const ancestors = walkLineage(from, (fingerprint) =>
    lineage.upstream(fingerprint).flatMap((link) => link.fingerprint ?? []),
  );
  const facts = ancestors.flatMap((fingerprint) => {
    const record = lineage.record(fingerprint);
    return record === null ? [] : [{ record, upstream: lineage.upstream(fingerprint) }];
  });
  process.stdout.write(`${JSON.stringify(provDocument(facts), null, 1)}\n`);
}

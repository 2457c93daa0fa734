import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { digestBytes } from '../core/digest.ts';
import { type Lineage, openLineage } from '../store/read-lineage.ts';
import { lineageText } from '../views/lineage/lineage-text.ts';
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
        for (const fingerprint of resolveArtifact(lineage, wanted))
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

/** Fingerprints that a person may mean: a path, a copied file's content, a fingerprint, or a step's name. */
function resolveArtifact(lineage: Lineage, wanted: string): string[] {
  if (existsSync(wanted)) return ofPath(lineage, wanted);
  const step = lineage
    .findRuns('latest')
    .flatMap(({ id }) => lineage.steps(id))
    .find(({ stepId }) => stepId === wanted);
  if (step?.fingerprint) return [step.fingerprint];
  const objects = /^[0-9a-f]{4,64}$/.test(wanted) ? lineage.findObjects(wanted) : [];
  if (objects.length === 1) return [objects[0].fingerprint];
  if (objects.length > 1) {
    throw new UsageError(
      `'${wanted}' may mean ${objects.map(({ fingerprint }) => fingerprint.slice(0, 16)).join(', ')}`,
    );
  }
  throw new UsageError(
    `'${wanted}' is no file, no step of the latest run and no fingerprint in ${lineage.folder}`,
  );
}

function ofPath(lineage: Lineage, path: string): string[] {
  const real = realpathSync(path);
  for (let folder = real; folder !== dirname(folder); folder = dirname(folder)) {
    if (dirname(dirname(folder)) === resolve(lineage.folder, 'objects') && lineage.object(basename(folder)))
      return [basename(folder)];
  }
  if (statSync(real).isDirectory()) throw new UsageError(`${path} is a folder that no step made`);
  const digest = digestBytes(readFileSync(real));
  const made = lineage.findByFileDigest(digest).map(({ fingerprint }) => fingerprint);
  if (made.length > 0) return [...new Set(made)];
  const read = lineage.findBySourceDigest(digest);
  if (read.length > 0) {
    throw new UsageError(
      `${path} was made by no step; ${read.map(({ stepId }) => stepId).join(', ')} read a file of this content`,
    );
  }
  throw new UsageError(`no step in ${lineage.folder} made a file with the content of ${path}`);
}

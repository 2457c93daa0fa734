import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { digestBytes } from '../core/digest.ts';
import type { Lineage } from '../store/read-lineage.ts';
import { stepHint } from './unknown-name.ts';
import { UsageError } from './usage-error.ts';

/** Fingerprints that a person may mean: a path, a copied file's content, a fingerprint, or a step's name. */
export function findArtifact(lineage: Lineage, wanted: string): string[] {
  if (existsSync(wanted)) return ofPath(lineage, wanted);
  const steps = lineage.findRuns('latest').flatMap(({ id }) => lineage.steps(id));
  const step = steps.find(({ stepId }) => stepId === wanted);
  if (step?.fingerprint) return [step.fingerprint];
  const objects = /^[0-9a-f]{4,64}$/.test(wanted) ? lineage.findObjects(wanted) : [];
  if (objects.length === 1) return [objects[0].fingerprint];
  if (objects.length > 1) {
    throw new UsageError(
      `'${wanted}' may mean ${objects.map(({ fingerprint }) => fingerprint.slice(0, 16)).join(', ')}`,
    );
  }
  const hint = stepHint(
    wanted,
    steps.map(({ stepId }) => stepId),
  );
  throw new UsageError(
    `'${wanted}' is no file, no step of the latest run and no fingerprint in ${lineage.folder}${hint ? `; ${hint}` : ''}`,
  );
}

/** As `findArtifact`; a run stands for the artifacts of its steps. */
export function findArtifacts(lineage: Lineage, wanted: string): string[] {
  const [run, ...others] = lineage.findRuns(wanted);
  if (run === undefined || others.length > 0) return findArtifact(lineage, wanted);
  return artifactsOf(lineage, run.id);
}

export function artifactsOf(lineage: Lineage, runId: string): string[] {
  return lineage
    .steps(runId)
    .flatMap(({ fingerprint, verdict }) =>
      fingerprint !== null && (verdict === 'executed' || verdict === 'reused') ? [fingerprint] : [],
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

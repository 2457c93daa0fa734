import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { digestBytes } from '../core/digest.ts';
import { type Found, tellDamage } from '../store/find-object.ts';
import { stepFolderName } from '../store/layout.ts';
import { openStore } from '../store/open-store.ts';
import type { Lineage } from '../store/read-lineage.ts';
import type { RunRow, RunStepRow } from '../store/read-runs.ts';
import { describeCrate, writeCrate } from './export-crate.ts';
import { type ExportedSteps, exportFigures } from './export-figures.ts';
import { findRun } from './find-run.ts';
import { artifactsOption, jsonOption } from './options.ts';
import { stepHint } from './unknown-name.ts';
import { UsageError } from './usage-error.ts';

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('plain copies of what steps made, or every figure as SVG and PNG, under readable names')
    .argument('<run>', 'id, the start of one, or latest')
    .argument('[steps...]', 'STEP or a full step id; all where absent')
    .option('-o, --output <dir>', 'folder to copy into (must be given)')
    .addOption(
      new Option(
        '--format <name>',
        'ro-crate: the folder becomes a Workflow Run RO-Crate that tells how all was made',
      ).choices(['ro-crate']),
    )
    .addOption(
      new Option(
        '--figures',
        "the figures of the report as SVG and PNG in place of the files, also without a stage 'figures'",
      ).conflicts('format'),
    )
    .option('--license <text>', 'licence of the crate, a URL or a name', 'not stated: ask its authors')
    .addOption(jsonOption())
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(exportRun);
}

const EXAMPLES = `
Nothing is overwritten; --json lists what was written.

Examples:
  clade export latest -o results
  clade export latest evaluate figures -o results
  clade export latest --figures -o figures
  clade export latest -o crate --format ro-crate --license https://spdx.org/licenses/CC-BY-4.0`;

interface ExportOptions {
  readonly output?: string;
  readonly format?: 'ro-crate';
  readonly figures?: boolean;
  readonly json?: boolean;
  readonly license: string;
  readonly artifacts: string;
}

async function exportRun(wanted: string, selectors: string[], options: ExportOptions): Promise<void> {
  const { output } = options;
  if (output === undefined) throw new UsageError('where to? clade export RUN -o DIR');
  const store = openStore({ folder: options.artifacts, readOnly: true });
  try {
    const { lineage } = store;
    const run = findRun(lineage, wanted);
    const chosen = chooseSteps(lineage, run, selectors);
    for (const { stepId, fingerprint } of chosen) expectSound(store.findObject(fingerprint!), stepId, run);
    const exported = chosen.map(({ stepId, fingerprint }) => ({
      stepId,
      fingerprint: fingerprint!,
      folder: stepFolderName(stepId, digestBytes),
    }));
    const request = { run, steps: exported, wholeRun: selectors.length === 0 };
    const written = options.figures
      ? await exportFigures(lineage, output, request)
      : exportFiles(lineage, output, { ...request, crateLicense: options.format ? options.license : null });
    const what = options.figures ? `${written.length} files with figures` : `${chosen.length} steps`;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ runId: run.id, written })}\n`
        : `${what} of ${run.id} copied to ${output}\n`,
    );
  } finally {
    store.close();
  }
}

/** Nothing is handed out that is not as it was written. */
function expectSound(found: Found, stepId: string, { file }: RunRow): void {
  if (found.status === 'sound') return;
  const cure = `clade run ${file} makes it again`;
  if (found.status === 'absent')
    throw new UsageError(`the artifact of ${stepId} is not there any more: ${cure}`);
  throw new UsageError(
    `the artifact of ${stepId} is not as it was written (${tellDamage(found.damaged)}): ${cure}`,
  );
}

function chooseSteps(lineage: Lineage, run: RunRow, selectors: readonly string[]): RunStepRow[] {
  const steps = lineage
    .steps(run.id)
    .filter(({ fingerprint, verdict }) => fingerprint && (verdict === 'executed' || verdict === 'reused'));
  for (const selector of selectors) {
    if (!steps.some(({ key, stepId }) => key === selector || stepId === selector)) {
      const ids = steps.map(({ stepId }) => stepId);
      throw new UsageError(
        `run ${run.id} made nothing for '${selector}'; ${stepHint(selector, ids) ?? 'nor for any step'}`,
      );
    }
  }
  return steps.filter(
    ({ key, stepId }) => selectors.length === 0 || selectors.includes(key) || selectors.includes(stepId),
  );
}

interface FilesRequest extends ExportedSteps {
  /** Of the RO-Crate that the folder becomes; null for none. */
  readonly crateLicense: string | null;
}

/** @returns the folders written. */
function exportFiles(lineage: Lineage, output: string, { run, steps, crateLicense }: FilesRequest): string[] {
  // Before anything is copied: what cannot be described is said first.
  const crate = crateLicense === null ? null : describeCrate(lineage, { run, steps, license: crateLicense });
  const written = steps.map(({ folder, fingerprint }) => {
    copyObject(lineage.objectFolder(fingerprint), join(output, folder));
    return join(output, folder);
  });
  if (crate !== null) writeCrate(lineage, output, run, crate);
  return written;
}

function copyObject(from: string, to: string): void {
  if (existsSync(to)) throw new UsageError(`${to} is there already: export never overwrites`);
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
  rmSync(join(to, 'artifact.json'), { force: true });
  makeWritable(to); // objects are read-only, copies are the user's own
}

function makeWritable(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) makeWritable(path);
    else chmodSync(path, 0o644);
  }
}

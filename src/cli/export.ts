import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openLineage } from '../store/read-lineage.ts';
import { findRun } from './find-run.ts';
import { artifactsOption } from './options.ts';
import { UsageError } from './usage-error.ts';

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('plain copies of what steps made, under readable names')
    .argument('<run>', 'id, the start of one, or latest')
    .argument('[steps...]', 'STEP or a full step id; all where absent')
    .option('-o, --output <dir>', 'folder to copy into (must be given)')
    .addOption(artifactsOption())
    .addHelpText('after', EXAMPLES)
    .action(exportRun);
}

const EXAMPLES = `
Examples:
  clade export latest -o results
  clade export latest figures summarise -o results`;

function exportRun(
  wanted: string,
  selectors: string[],
  options: { output?: string; artifacts: string },
): void {
  const { output } = options;
  if (output === undefined) throw new UsageError('where to? clade export RUN -o DIR');
  const lineage = openLineage(options.artifacts);
  try {
    const run = findRun(lineage, wanted);
    const steps = lineage
      .steps(run.id)
      .filter(({ fingerprint, verdict }) => fingerprint && (verdict === 'executed' || verdict === 'reused'));
    for (const selector of selectors) {
      if (!steps.some(({ key, stepId }) => key === selector || stepId === selector)) {
        throw new UsageError(
          `run ${run.id} made nothing for '${selector}'; there are ${[...new Set(steps.map(({ key }) => key))].join(', ')}`,
        );
      }
    }
    const chosen = steps.filter(
      ({ key, stepId }) => selectors.length === 0 || selectors.includes(key) || selectors.includes(stepId),
    );
    for (const { stepId, fingerprint } of chosen)
      copyObject(lineage.objectFolder(fingerprint!), join(output, stepId));
    process.stdout.write(`${chosen.length} steps of ${run.id} copied to ${output}\n`);
  } finally {
    lineage.close();
  }
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
